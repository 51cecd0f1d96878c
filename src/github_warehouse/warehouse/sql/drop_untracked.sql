-- discard what this run read of companies that were untracked meanwhile. A
-- repository that moved to one of them counts as removed. A company that was
-- untracked and tracked again is discarded too, unless this run swept it: an
-- incremental read lacks what did not change since the old watermark
insert into dropped_companies (company_id)
select fetched_companies.company_id
from fetched_companies
inner join companies
    on companies.company_id = fetched_companies.company_id
inner join ingestion_state
    on ingestion_state.company_id = fetched_companies.company_id
where
    not companies.is_tracked
    or (
        fetched_companies.mode = 'incremental'
        and ingestion_state.last_run is null
    );

insert into dropped_companies (company_id)
select distinct observed_repos.company_id
from observed_repos
inner join companies
    on companies.company_id = observed_repos.company_id
where not companies.is_tracked
on conflict (company_id) do nothing;

insert into gone_repos (repo_id)
select observed_repos.repo_id
from observed_repos
inner join dropped_companies
    on dropped_companies.company_id = observed_repos.company_id
on conflict (repo_id) do nothing;

delete from observed_repos
using dropped_companies
where dropped_companies.company_id = observed_repos.company_id;

delete from language_readings
using repos
inner join dropped_companies
    on dropped_companies.company_id = repos.company_id
where
    repos.id = language_readings.repo_id
    and not exists (
        select
        from observed_repos
        where observed_repos.repo_id = language_readings.repo_id
    );

delete from fetched_companies
using dropped_companies
where dropped_companies.company_id = fetched_companies.company_id
returning fetched_companies.company_id, fetched_companies.company_name;
