-- A warehouse as thirty days of ingests would leave it, in seconds.
--
-- Deterministic: every value comes from a hash of the repository's number.
-- Companies are skewed, as real ones are: the largest has a sixth or more of
-- the repositories. A repository has 4.24 languages on average, of 300.

create schema bench;

create function bench.chance(n bigint, salt bigint) returns double precision
language sql immutable parallel safe
return (hashint8extended(n, salt) & 2147483647) / 2147483648.0::float8;

insert into companies (company_id, company_name, account_type)
select
    n as company_id,
    'company-' || n as company_name,
    'Organization' as account_type
from generate_series(1, %(companies)s) as n;

insert into ingestion_state (source, company_id, last_run, last_sweep)
select
    companies.company_name as source,
    companies.company_id,
    (%(first_day)s + %(days)s - 1)::date::timestamp at time zone 'UTC'
    as last_run,
    %(first_day)s::timestamp at time zone 'UTC' as last_sweep
from companies;

insert into languages (language_name)
select 'Language ' || n
from generate_series(1, 300) as n
order by n;

insert into repos (
    id,
    node_id,
    company_id,
    name,
    full_name,
    language,
    created_at,
    updated_at,
    pushed_at,
    is_fork,
    is_archived,
    license,
    tracked_from,
    languages_observed_at,
    languages_pushed_at
)
select
    drawn.n as id,
    'R_' || to_hex(drawn.n) as node_id,
    drawn.company_id,
    'repository-' || drawn.n as name,
    'company-' || drawn.company_id || '/repository-' || drawn.n as full_name,
    'Language 1' as language,
    timestamptz '2015-01-01 00:00Z' + drawn.n * interval '1 minute'
    as created_at,
    timestamptz '2025-01-01 00:00Z' as updated_at,
    timestamptz '2025-01-01 00:00Z' as pushed_at,
    false as is_fork,
    drawn.n %% 10 = 0 as is_archived,
    'MIT' as license,
    %(first_day)s as tracked_from,
    timestamptz '2026-01-01 00:00Z' as languages_observed_at,
    timestamptz '2025-01-01 00:00Z' as languages_pushed_at
from (
    select
        n,
        1 + floor(%(companies)s * power(bench.chance(n, 1), 3))::bigint
        as company_id
    from generate_series(1, %(repositories)s) as n
) as drawn;

-- one repository in 32 gains stars every day
create unlogged table bench.counters as
select
    repos.id as repo_id,
    repos.company_id,
    floor(10 / (0.0005 + bench.chance(repos.id, 2)))::integer as stars,
    floor(3 / (0.0005 + bench.chance(repos.id, 3)))::integer as forks,
    floor(2 / (0.001 + bench.chance(repos.id, 4)))::integer as open_issues,
    case
        when bench.chance(repos.id, 5) < 0.03125
            then 1 + (bench.chance(repos.id, 6) * 9)::integer
        else 0
    end as gain
from repos;

create unlogged table bench.sizes as
select
    repos.id as repo_id,
    -- 37 and 300 have no common divisor: no language comes twice
    1 + (floor(300 * power(bench.chance(repos.id, 7), 4))::integer + 37 * k)
    %% 300 as language_id,
    floor(1000000 * power(bench.chance(repos.id, 8 + k), 3))::bigint as bytes
from repos
cross join generate_series(
    0,
    (array[
        0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 8, 9,
        8
    ])[1 + floor(25 * bench.chance(repos.id, 9))::integer] - 1
) as k;

analyze companies;
analyze repos;
analyze languages;
analyze bench.counters;
analyze bench.sizes;
