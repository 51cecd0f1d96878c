-- a snapshot whose repository, company or language does not exist
select
    repo_snapshots.repo_id,
    repo_snapshots.snapshot_date,
    repo_snapshots.company_id,
    null::integer as language_id
from repo_snapshots
left join repos
    on repos.id = repo_snapshots.repo_id
left join companies
    on companies.company_id = repo_snapshots.company_id
where
    repo_snapshots.snapshot_date between %(first_day)s and %(last_day)s
    and (repos.id is null or companies.company_id is null)
union all
select
    language_snapshots.repo_id,
    language_snapshots.snapshot_date,
    null as company_id,
    language_snapshots.language_id
from language_snapshots
left join languages
    on languages.language_id = language_snapshots.language_id
where
    language_snapshots.snapshot_date between %(first_day)s and %(last_day)s
    and languages.language_id is null;
