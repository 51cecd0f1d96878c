-- loses every company, repository and language, and how far each was read
drop table warehouse_properties;
drop table ingestion_state;
drop table languages;
drop table repos;
drop table companies;
