-- loses which alerts were sent: each whose cause lasts is sent once more
drop table alerts;
