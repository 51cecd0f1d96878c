-- depends: 0008.alerts
-- repair what earlier versions could leave behind; make logins unique in any
-- letter case; let totals say how many repositories they cover

-- close the open tracking periods of untracked companies, and of repositories
-- without a snapshot of the latest day: they ended with the last snapshot
update ingestion_state
set
    last_run = null,
    last_sweep = null
from repos
inner join companies
    on companies.company_id = repos.company_id
where
    ingestion_state.company_id = companies.company_id
    and repos.removed_on is null
    and (
        not companies.is_tracked
        or not exists (
            select
            from repo_snapshots
            where
                repo_snapshots.repo_id = repos.id
                and repo_snapshots.snapshot_date = (
                    select max(latest.snapshot_date)
                    from repo_snapshots as latest
                )
        )
    );

update repos
set
    removed_on = greatest(
        repos.tracked_from,
        (
            select max(repo_snapshots.snapshot_date) + 1
            from repo_snapshots
            where repo_snapshots.repo_id = repos.id
        )
    )
from companies
where
    companies.company_id = repos.company_id
    and repos.removed_on is null
    and (
        not companies.is_tracked
        or not exists (
            select
            from repo_snapshots
            where
                repo_snapshots.repo_id = repos.id
                and repo_snapshots.snapshot_date = (
                    select max(latest.snapshot_date)
                    from repo_snapshots as latest
                )
        )
    );

-- of two companies tracked under one login, the one that GitHub calls by it
-- keeps it; when none or several are, the newest account does
update ingestion_state
set source = ingestion_state.source || '#' || ingestion_state.company_id
from (
    select
        ingestion_state.company_id,
        row_number() over (
            partition by lower(ingestion_state.source)
            order by
                lower(companies.company_name)
                = lower(ingestion_state.source) desc,
                ingestion_state.company_id desc
        ) as place
    from ingestion_state
    inner join companies
        on companies.company_id = ingestion_state.company_id
) as claims
where
    claims.company_id = ingestion_state.company_id
    and claims.place > 1;

create unique index ingestion_state_login
on ingestion_state (lower(source));

comment on column ingestion_state.source is
    'Login under which the company is tracked, unique in any letter case; '
    'LOGIN#ID once another account is tracked under that login.';
comment on column ingestion_state.last_run is
    'Watermark, UTC: start of the last run that read every list page of '
    'the company; null before the first, and once it is untracked.';

alter table company_daily add column repos_languages_read integer;
comment on column company_daily.repos_languages_read is
    'Repositories whose languages had been read by that day, count; totals by '
    'language cover these. Null on days recorded before version 0.2.';

-- the first day after a gap that an outage longer than retention left
insert into warehouse_properties (property_name, property_value)
select
    'complete_from' as property_name,
    max(days.snapshot_date)::text as property_value
from (
    select
        partition_days.snapshot_date,
        lag(partition_days.snapshot_date) over (
            order by partition_days.snapshot_date
        ) as day_before
    from (
        select distinct repo_snapshots.snapshot_date from repo_snapshots
    ) as partition_days
) as days
where days.snapshot_date > days.day_before + 1
having max(days.snapshot_date) is not null;

comment on table warehouse_properties is
    'What the warehouse knows of itself: the API host it holds data of '
    '(api_host), the views it was built with (views), and the first day after '
    'an outage longer than retention, since when every day has snapshots '
    '(complete_from).';
