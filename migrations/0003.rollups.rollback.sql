-- loses every total, also those of days whose snapshots are long gone
drop table company_language_daily;
drop table company_daily;
