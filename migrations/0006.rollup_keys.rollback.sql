-- loses nothing
alter table company_language_daily
add constraint company_language_daily_company_id_fkey
foreign key (company_id) references companies (company_id),
add constraint company_language_daily_language_id_fkey
foreign key (language_id) references languages (language_id);
