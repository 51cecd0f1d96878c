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

-- begin an open tracking period after the last gap in its snapshots
update repos
set tracked_from = gaps.last_gap + 1
from (
    select
        repos.id,
        max(recorded_days.snapshot_date) as last_gap
    from repos
    inner join (
        select distinct repo_snapshots.snapshot_date from repo_snapshots
    ) as recorded_days
        on recorded_days.snapshot_date >= repos.tracked_from
    left join repo_snapshots
        on
            repo_snapshots.repo_id = repos.id
            and repo_snapshots.snapshot_date = recorded_days.snapshot_date
    where
        repos.removed_on is null
        and repo_snapshots.repo_id is null
    group by repos.id
) as gaps
where repos.id = gaps.id;

-- a company read after midnight was stamped with the day after its snapshots
update ingestion_state
set
    last_run = case
        when ingestion_state.last_run is not null
            then least(ingestion_state.last_run, latest.day_end)
    end,
    last_sweep = case
        when ingestion_state.last_sweep is not null
            then least(ingestion_state.last_sweep, latest.day_end)
    end
from (
    select
        (max(repo_snapshots.snapshot_date) + 1)::timestamp at time zone 'UTC'
        - interval '1 second' as day_end
    from repo_snapshots
) as latest
where
    ingestion_state.last_run > latest.day_end
    or ingestion_state.last_sweep > latest.day_end;

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

-- days that are kept: a repository without languages on a day, which has some
-- now and whose languages were read later, had not been read by then
update company_daily
set repos_languages_read = counts.repos_languages_read
from (
    select
        repo_snapshots.company_id,
        repo_snapshots.snapshot_date,
        count(*) filter (
            where
                day_languages.repo_id is not null
                or (
                    repos.languages_observed_at is not null
                    and latest_languages.repo_id is null
                )
                or (repos.languages_observed_at at time zone 'UTC')::date
                <= repo_snapshots.snapshot_date
        ) as repos_languages_read
    from repo_snapshots
    inner join repos
        on repos.id = repo_snapshots.repo_id
    left join (
        select distinct
            language_snapshots.repo_id,
            language_snapshots.snapshot_date
        from language_snapshots
    ) as day_languages
        on
            day_languages.repo_id = repo_snapshots.repo_id
            and day_languages.snapshot_date = repo_snapshots.snapshot_date
    left join (
        select distinct language_snapshots.repo_id
        from language_snapshots
        where language_snapshots.snapshot_date = (
            select max(latest.snapshot_date)
            from language_snapshots as latest
        )
    ) as latest_languages
        on latest_languages.repo_id = repo_snapshots.repo_id
    group by repo_snapshots.company_id, repo_snapshots.snapshot_date
) as counts
where
    company_daily.company_id = counts.company_id
    and company_daily.snapshot_date = counts.snapshot_date;

-- languages may have been lost when a repository returned: read them again
update repos
set
    languages_observed_at = null,
    languages_pushed_at = null,
    languages_empty_since = null
where
    repos.removed_on is null
    and repos.languages_observed_at is not null
    and not exists (
        select
        from language_snapshots
        where
            language_snapshots.repo_id = repos.id
            and language_snapshots.snapshot_date = (
                select max(latest.snapshot_date)
                from language_snapshots as latest
            )
    );

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
