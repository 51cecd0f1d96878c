-- loses how many repositories the totals by language cover
delete from warehouse_properties where property_name = 'complete_from';
alter table company_daily drop column repos_languages_read;
drop index ingestion_state_login;
comment on column ingestion_state.source is
    'Login under which the company is tracked.';
comment on column ingestion_state.last_run is
    'Watermark, UTC: start of the last run that read every list page of '
    'the company; null before the first.';
comment on table warehouse_properties is
    'What the warehouse knows of itself: the API host it holds data of '
    '(api_host) and the views it was built with (views).';
