-- Question: Which repositories are there, and which were there?
-- Grain: one repository ever recorded, as last observed.
-- Source: repos, companies.
-- Caveats: a removed repository stays, with removed_on.

create or replace view repositories as
select
    repos.id as repo_id,
    repos.node_id,
    repos.company_id,
    companies.company_name,
    repos.name as repo_name,
    repos.full_name,
    repos.language,
    repos.license,
    repos.is_fork,
    repos.is_archived,
    repos.created_at,
    repos.updated_at,
    repos.pushed_at,
    repos.tracked_from,
    repos.removed_on,
    repos.languages_observed_at
from repos
inner join companies
    on companies.company_id = repos.company_id;

comment on view repositories is
    'One row per repository ever recorded, as last observed.';
comment on column repositories.repo_id is
    'GitHub''s numeric ID; it survives renames and transfers.';
comment on column repositories.node_id is 'GitHub''s GraphQL ID.';
comment on column repositories.company_id is
    'GitHub''s numeric ID of the owner, as last observed.';
comment on column repositories.company_name is
    'Latest login of the owner, in GitHub''s spelling.';
comment on column repositories.repo_name is 'Name without the owner.';
comment on column repositories.full_name is
    'owner/name as last observed; not unique, because names are reused.';
comment on column repositories.language is
    'Primary language as determined by GitHub; null if there is none.';
comment on column repositories.license is
    'SPDX ID of the license; NOASSERTION if GitHub cannot identify it, null '
    'if there is none.';
comment on column repositories.is_fork is
    'Whether it was forked from another repository.';
comment on column repositories.is_archived is
    'Whether the owner archived it, which makes it read-only.';
comment on column repositories.created_at is
    'When the repository was created, UTC.';
comment on column repositories.updated_at is
    'When GitHub last changed its record of the repository, UTC; a push does '
    'not always change it.';
comment on column repositories.pushed_at is
    'Last push to any branch, UTC; null if nothing was ever pushed.';
comment on column repositories.tracked_from is
    'First UTC day of the current tracking period, which has a snapshot for '
    'every day.';
comment on column repositories.removed_on is
    'First UTC day without a snapshot; null while the repository exists and '
    'is tracked.';
comment on column repositories.languages_observed_at is
    'When its languages were last read, UTC; null if they were never read in '
    'this tracking period.';
