-- depends: 0005.audit_warnings
-- every day brings a total for each company and language: to check the foreign
-- keys row by row took longer than to compute them. They are made from
-- snapshots whose keys are checked, and the audit company_language_daily_differs
-- compares them with those before every commit.

alter table company_language_daily
drop constraint company_language_daily_company_id_fkey,
drop constraint company_language_daily_language_id_fkey;
