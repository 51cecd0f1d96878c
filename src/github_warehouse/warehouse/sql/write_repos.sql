-- upsert the observed repositories; returns how many are new or changed
with written as (
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
        tracked_from
    )
    select
        observed_repos.repo_id,
        observed_repos.node_id,
        observed_repos.company_id,
        observed_repos.name,
        observed_repos.full_name,
        observed_repos.language,
        observed_repos.created_at,
        observed_repos.updated_at,
        observed_repos.pushed_at,
        observed_repos.is_fork,
        observed_repos.is_archived,
        observed_repos.license,
        %(day)s as tracked_from
    from observed_repos
    on conflict (id) do update
    set
        node_id = excluded.node_id,
        company_id = excluded.company_id,
        name = excluded.name,
        full_name = excluded.full_name,
        language = excluded.language,
        created_at = excluded.created_at,
        updated_at = excluded.updated_at,
        pushed_at = excluded.pushed_at,
        is_fork = excluded.is_fork,
        is_archived = excluded.is_archived,
        license = excluded.license
    where
        (
            repos.node_id,
            repos.company_id,
            repos.name,
            repos.full_name,
            repos.language,
            repos.created_at,
            repos.updated_at,
            repos.pushed_at,
            repos.is_fork,
            repos.is_archived,
            repos.license
        ) is distinct from (
            excluded.node_id,
            excluded.company_id,
            excluded.name,
            excluded.full_name,
            excluded.language,
            excluded.created_at,
            excluded.updated_at,
            excluded.pushed_at,
            excluded.is_fork,
            excluded.is_archived,
            excluded.license
        )
    returning repos.id
)

select count(*) from written;
