-- A small warehouse of version 0.1 with three days, written by pg_dump.
CREATE TABLE public._yoyo_log (
    id character varying(36) NOT NULL,
    migration_hash character varying(64),
    migration_id character varying(255),
    operation character varying(10),
    username character varying(255),
    hostname character varying(255),
    comment character varying(255),
    created_at_utc timestamp without time zone
);
CREATE TABLE public._yoyo_migration (
    migration_hash character varying(64) NOT NULL,
    migration_id character varying(255),
    applied_at_utc timestamp without time zone
);
CREATE TABLE public._yoyo_version (
    version integer NOT NULL,
    installed_at_utc timestamp without time zone
);
CREATE TABLE public.alerts (
    alert_key text NOT NULL,
    message text NOT NULL,
    raised_at timestamp with time zone NOT NULL
);
CREATE TABLE public.companies (
    company_id bigint NOT NULL,
    company_name text NOT NULL,
    account_type text NOT NULL,
    is_tracked boolean DEFAULT true NOT NULL,
    CONSTRAINT companies_name_is_given CHECK ((company_name <> ''::text))
);
CREATE TABLE public.company_daily (
    company_id bigint NOT NULL,
    snapshot_date date NOT NULL,
    repos integer NOT NULL,
    stars bigint NOT NULL,
    forks bigint NOT NULL,
    open_issues bigint NOT NULL
);
CREATE VIEW public.company_daily_growth AS
 SELECT companies.company_name,
    company_daily.snapshot_date,
    company_daily.stars AS total_stars,
    (company_daily.stars - lag(company_daily.stars) OVER company_days) AS star_growth,
    company_daily.forks AS total_forks,
    (company_daily.forks - lag(company_daily.forks) OVER company_days) AS fork_growth,
    company_daily.repos AS repo_count,
    (company_daily.repos - lag(company_daily.repos) OVER company_days) AS repo_growth
   FROM (public.company_daily
     JOIN public.companies ON ((companies.company_id = company_daily.company_id)))
  WINDOW company_days AS (PARTITION BY companies.company_id, companies.company_name ORDER BY company_daily.snapshot_date);
CREATE TABLE public.company_language_daily (
    company_id bigint NOT NULL,
    snapshot_date date NOT NULL,
    language_id integer NOT NULL,
    repos integer NOT NULL,
    bytes bigint NOT NULL
);
CREATE TABLE public.languages (
    language_id integer NOT NULL,
    language_name text NOT NULL
);
CREATE VIEW public.company_language_diversity AS
 WITH language_shares AS (
         SELECT company_language_daily.company_id,
            languages.language_name,
            ((company_language_daily.bytes)::numeric / NULLIF(sum(company_language_daily.bytes) OVER company_languages, (0)::numeric)) AS share,
            row_number() OVER (company_languages ORDER BY company_language_daily.bytes DESC, (languages.language_name COLLATE "C")) AS rank
           FROM (public.company_language_daily
             JOIN public.languages ON ((languages.language_id = company_language_daily.language_id)))
          WHERE (company_language_daily.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
                   FROM public.company_daily))
          WINDOW company_languages AS (PARTITION BY company_language_daily.company_id)
        )
 SELECT companies.company_name,
    count(*) AS language_count,
    max(language_shares.language_name) FILTER (WHERE (language_shares.rank = 1)) AS top_language,
    round(((100)::numeric * max(language_shares.share)), 2) AS top_language_share_percent,
    round(exp((- sum((language_shares.share * ln(NULLIF(language_shares.share, (0)::numeric)))))), 2) AS effective_languages
   FROM (language_shares
     JOIN public.companies ON ((companies.company_id = language_shares.company_id)))
  GROUP BY companies.company_id, companies.company_name;
CREATE TABLE public.language_snapshots (
    repo_id bigint NOT NULL,
    snapshot_date date NOT NULL,
    language_id integer NOT NULL,
    bytes bigint NOT NULL,
    CONSTRAINT language_snapshots_bytes_count CHECK ((bytes >= 0))
)
PARTITION BY RANGE (snapshot_date);
CREATE TABLE public.repo_snapshots (
    repo_id bigint NOT NULL,
    snapshot_date date NOT NULL,
    company_id bigint NOT NULL,
    stars integer NOT NULL,
    forks integer NOT NULL,
    open_issues integer NOT NULL,
    observed_on date NOT NULL,
    CONSTRAINT repo_snapshots_forks_count CHECK ((forks >= 0)),
    CONSTRAINT repo_snapshots_observed_by_then CHECK ((observed_on <= snapshot_date)),
    CONSTRAINT repo_snapshots_open_issues_count CHECK ((open_issues >= 0)),
    CONSTRAINT repo_snapshots_stars_count CHECK ((stars >= 0))
)
PARTITION BY RANGE (snapshot_date);
CREATE TABLE public.repos (
    id bigint NOT NULL,
    node_id text,
    company_id bigint NOT NULL,
    name text NOT NULL,
    full_name text NOT NULL,
    language text,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    pushed_at timestamp with time zone,
    is_fork boolean NOT NULL,
    is_archived boolean NOT NULL,
    license text,
    tracked_from date NOT NULL,
    removed_on date,
    languages_observed_at timestamp with time zone,
    languages_pushed_at timestamp with time zone,
    languages_empty_since date,
    CONSTRAINT repos_removed_after_tracked CHECK ((removed_on >= tracked_from))
);
CREATE VIEW public.company_largest_repos AS
 WITH repo_sizes AS (
         SELECT language_snapshots.repo_id,
            sum(language_snapshots.bytes) AS total_bytes
           FROM public.language_snapshots
          WHERE (language_snapshots.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
                   FROM public.company_daily))
          GROUP BY language_snapshots.repo_id
        ), contenders AS (
         SELECT companies.company_id,
            companies.company_name,
            repo_sizes.repo_id,
            (repo_sizes.total_bytes)::bigint AS total_bytes,
            rank() OVER company_repos AS place
           FROM ((repo_sizes
             JOIN public.repo_snapshots ON ((repo_snapshots.repo_id = repo_sizes.repo_id)))
             JOIN public.companies ON ((companies.company_id = repo_snapshots.company_id)))
          WHERE (repo_snapshots.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
                   FROM public.company_daily))
          WINDOW company_repos AS (PARTITION BY companies.company_id, companies.company_name ORDER BY ((repo_sizes.total_bytes)::bigint) DESC)
        ), ranked_repos AS (
         SELECT contenders.company_name,
            repos.name AS repo_name,
            contenders.total_bytes,
            row_number() OVER company_repos AS rank
           FROM (contenders
             JOIN public.repos ON ((repos.id = contenders.repo_id)))
          WHERE (contenders.place <= 10)
          WINDOW company_repos AS (PARTITION BY contenders.company_id, contenders.company_name ORDER BY contenders.total_bytes DESC, (repos.name COLLATE "C"), repos.id)
        )
 SELECT company_name,
    repo_name,
    total_bytes,
    rank
   FROM ranked_repos
  WHERE (rank <= 10);
CREATE VIEW public.company_leading_languages AS
 WITH ranked_languages AS (
         SELECT company_language_daily_1.language_id,
            row_number() OVER (PARTITION BY company_language_daily_1.company_id ORDER BY company_language_daily_1.bytes DESC, company_language_daily_1.language_id) AS rank
           FROM public.company_language_daily company_language_daily_1
          WHERE (company_language_daily_1.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
                   FROM public.company_daily))
        ), leading_languages AS (
         SELECT DISTINCT ranked_languages.language_id
           FROM ranked_languages
          WHERE (ranked_languages.rank <= 6)
        )
 SELECT companies.company_name,
    company_language_daily.snapshot_date,
    languages.language_name,
    company_language_daily.bytes AS total_bytes
   FROM (((leading_languages
     JOIN public.company_language_daily ON ((company_language_daily.language_id = leading_languages.language_id)))
     JOIN public.companies ON ((companies.company_id = company_language_daily.company_id)))
     JOIN public.languages ON ((languages.language_id = leading_languages.language_id)));
CREATE VIEW public.company_top_forked_repos AS
 WITH contenders AS (
         SELECT companies.company_id,
            companies.company_name,
            repo_snapshots.repo_id,
            repo_snapshots.forks,
            rank() OVER company_repos AS place
           FROM (public.repo_snapshots
             JOIN public.companies ON ((companies.company_id = repo_snapshots.company_id)))
          WHERE (repo_snapshots.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
                   FROM public.company_daily))
          WINDOW company_repos AS (PARTITION BY companies.company_id, companies.company_name ORDER BY repo_snapshots.forks DESC)
        ), ranked_repos AS (
         SELECT contenders.company_name,
            repos.name AS repo_name,
            contenders.forks,
            row_number() OVER company_repos AS rank
           FROM (contenders
             JOIN public.repos ON ((repos.id = contenders.repo_id)))
          WHERE (contenders.place <= 5)
          WINDOW company_repos AS (PARTITION BY contenders.company_id, contenders.company_name ORDER BY contenders.forks DESC, (repos.name COLLATE "C"), repos.id)
        )
 SELECT company_name,
    repo_name,
    forks,
    rank
   FROM ranked_repos
  WHERE (rank <= 5);
CREATE VIEW public.company_total_stars AS
 SELECT companies.company_name,
    company_daily.snapshot_date,
    company_daily.stars AS total_stars,
    company_daily.forks AS total_forks,
    company_daily.open_issues AS total_open_issues,
    company_daily.repos AS repo_count
   FROM (public.company_daily
     JOIN public.companies ON ((companies.company_id = company_daily.company_id)));
CREATE VIEW public.current_repo_languages AS
 SELECT repos.id AS repo_id,
    companies.company_name,
    repos.name AS repo_name,
    repos.full_name,
    languages.language_name,
    language_snapshots.bytes,
    round(((100.0 * (language_snapshots.bytes)::numeric) / NULLIF(sum(language_snapshots.bytes) OVER repo_languages, (0)::numeric)), 2) AS share_percent,
    language_snapshots.snapshot_date
   FROM ((((public.language_snapshots
     JOIN public.repo_snapshots ON (((repo_snapshots.repo_id = language_snapshots.repo_id) AND (repo_snapshots.snapshot_date = language_snapshots.snapshot_date))))
     JOIN public.repos ON ((repos.id = language_snapshots.repo_id)))
     JOIN public.companies ON ((companies.company_id = repo_snapshots.company_id)))
     JOIN public.languages ON ((languages.language_id = language_snapshots.language_id)))
  WHERE (language_snapshots.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
           FROM public.company_daily))
  WINDOW repo_languages AS (PARTITION BY repos.id, repos.name, repos.full_name, companies.company_name);
CREATE VIEW public.current_repo_metrics AS
 SELECT repos.id AS repo_id,
    companies.company_name,
    repos.name AS repo_name,
    repos.full_name,
    repos.language,
    repos.is_fork,
    repos.is_archived,
    repos.license,
    repo_snapshots.snapshot_date,
    repo_snapshots.stars,
    repo_snapshots.forks,
    repo_snapshots.open_issues,
    repo_snapshots.observed_on
   FROM ((public.repo_snapshots
     JOIN public.repos ON ((repos.id = repo_snapshots.repo_id)))
     JOIN public.companies ON ((companies.company_id = repo_snapshots.company_id)))
  WHERE (repo_snapshots.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
           FROM public.company_daily));
CREATE TABLE public.ingestion_state (
    source text NOT NULL,
    company_id bigint NOT NULL,
    last_run timestamp with time zone,
    last_sweep timestamp with time zone
);
CREATE VIEW public.data_freshness AS
 WITH latest_days AS (
         SELECT companies_1.company_id,
            max(company_daily.snapshot_date) AS snapshot_date
           FROM (public.companies companies_1
             JOIN public.company_daily ON ((company_daily.company_id = companies_1.company_id)))
          WHERE companies_1.is_tracked
          GROUP BY companies_1.company_id
        ), day_snapshots AS (
         SELECT latest_days_1.company_id,
            count(*) AS snapshots,
            count(*) FILTER (WHERE (repo_snapshots.observed_on < repo_snapshots.snapshot_date)) AS snapshots_carried
           FROM (latest_days latest_days_1
             JOIN public.repo_snapshots ON (((repo_snapshots.company_id = latest_days_1.company_id) AND (repo_snapshots.snapshot_date = latest_days_1.snapshot_date))))
          WHERE (repo_snapshots.snapshot_date >= ( SELECT min(latest_days_2.snapshot_date) AS min
                   FROM latest_days latest_days_2))
          GROUP BY latest_days_1.company_id
        )
 SELECT companies.company_name,
    ingestion_state.last_run,
    ingestion_state.last_sweep,
    (((now() AT TIME ZONE 'UTC'::text))::date - ((ingestion_state.last_run AT TIME ZONE 'UTC'::text))::date) AS days_behind,
    latest_days.snapshot_date,
    COALESCE(day_snapshots.snapshots, (0)::bigint) AS snapshots,
    round(((100.0 * (day_snapshots.snapshots_carried)::numeric) / (day_snapshots.snapshots)::numeric), 2) AS carried_percent
   FROM (((public.companies
     LEFT JOIN public.ingestion_state ON ((ingestion_state.company_id = companies.company_id)))
     LEFT JOIN latest_days ON ((latest_days.company_id = companies.company_id)))
     LEFT JOIN day_snapshots ON ((day_snapshots.company_id = companies.company_id)))
  WHERE companies.is_tracked;
CREATE VIEW public.language_popularity_by_company AS
 SELECT companies.company_name,
    languages.language_name,
    company_language_daily.bytes AS total_bytes,
    round(((100.0 * (company_language_daily.bytes)::numeric) / NULLIF(sum(company_language_daily.bytes) OVER company_languages, (0)::numeric)), 2) AS share_percent,
    company_language_daily.repos AS repo_count
   FROM ((public.company_language_daily
     JOIN public.companies ON ((companies.company_id = company_language_daily.company_id)))
     JOIN public.languages ON ((languages.language_id = company_language_daily.language_id)))
  WHERE (company_language_daily.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
           FROM public.company_daily))
  WINDOW company_languages AS (PARTITION BY companies.company_id, companies.company_name);
CREATE TABLE public.language_snapshots_20260301 (
    repo_id bigint CONSTRAINT language_snapshots_repo_id_not_null NOT NULL,
    snapshot_date date CONSTRAINT language_snapshots_snapshot_date_not_null NOT NULL,
    language_id integer CONSTRAINT language_snapshots_language_id_not_null NOT NULL,
    bytes bigint CONSTRAINT language_snapshots_bytes_not_null NOT NULL,
    CONSTRAINT language_snapshots_bytes_count CHECK ((bytes >= 0))
);
CREATE TABLE public.language_snapshots_20260302 (
    repo_id bigint CONSTRAINT language_snapshots_repo_id_not_null NOT NULL,
    snapshot_date date CONSTRAINT language_snapshots_snapshot_date_not_null NOT NULL,
    language_id integer CONSTRAINT language_snapshots_language_id_not_null NOT NULL,
    bytes bigint CONSTRAINT language_snapshots_bytes_not_null NOT NULL,
    CONSTRAINT language_snapshots_bytes_count CHECK ((bytes >= 0))
);
CREATE TABLE public.language_snapshots_20260303 (
    repo_id bigint CONSTRAINT language_snapshots_repo_id_not_null NOT NULL,
    snapshot_date date CONSTRAINT language_snapshots_snapshot_date_not_null NOT NULL,
    language_id integer CONSTRAINT language_snapshots_language_id_not_null NOT NULL,
    bytes bigint CONSTRAINT language_snapshots_bytes_not_null NOT NULL,
    CONSTRAINT language_snapshots_bytes_count CHECK ((bytes >= 0))
);
CREATE VIEW public.language_trend_by_company AS
 SELECT companies.company_name,
    company_language_daily.snapshot_date,
    languages.language_name,
    company_language_daily.bytes AS total_bytes,
    round(((100.0 * (company_language_daily.bytes)::numeric) / NULLIF(sum(company_language_daily.bytes) OVER company_day, (0)::numeric)), 2) AS share_percent,
    company_language_daily.repos AS repo_count
   FROM ((public.company_language_daily
     JOIN public.companies ON ((companies.company_id = company_language_daily.company_id)))
     JOIN public.languages ON ((languages.language_id = company_language_daily.language_id)))
  WINDOW company_day AS (PARTITION BY companies.company_id, companies.company_name, company_language_daily.snapshot_date);
CREATE SEQUENCE public.languages_language_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.languages_language_id_seq OWNED BY public.languages.language_id;
CREATE VIEW public.most_open_issues_repos AS
 WITH contenders AS (
         SELECT repo_snapshots.repo_id,
            repo_snapshots.company_id,
            repo_snapshots.open_issues,
            rank() OVER (ORDER BY repo_snapshots.open_issues DESC) AS place
           FROM public.repo_snapshots
          WHERE (repo_snapshots.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
                   FROM public.company_daily))
        ), ranked_repos AS (
         SELECT companies.company_name,
            repos.name AS repo_name,
            contenders.open_issues,
            row_number() OVER all_repos AS rank
           FROM ((contenders
             JOIN public.repos ON ((repos.id = contenders.repo_id)))
             JOIN public.companies ON ((companies.company_id = contenders.company_id)))
          WHERE (contenders.place <= 20)
          WINDOW all_repos AS (ORDER BY contenders.open_issues DESC, (repos.name COLLATE "C"), repos.id)
        )
 SELECT company_name,
    repo_name,
    open_issues,
    rank
   FROM ranked_repos
  WHERE (rank <= 20);
CREATE TABLE public.pipeline_runs (
    run_id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    snapshot_date date NOT NULL,
    status text NOT NULL,
    mode text NOT NULL,
    source text NOT NULL,
    companies integer DEFAULT 0 NOT NULL,
    companies_failed integer DEFAULT 0 NOT NULL,
    repositories_updated integer DEFAULT 0 NOT NULL,
    snapshots_fresh integer DEFAULT 0 NOT NULL,
    snapshots_carried integer DEFAULT 0 NOT NULL,
    language_rows integer DEFAULT 0 NOT NULL,
    requests integer DEFAULT 0 NOT NULL,
    points integer DEFAULT 0 NOT NULL,
    budget_left integer,
    error text,
    warnings text,
    CONSTRAINT pipeline_runs_mode CHECK ((mode = ANY (ARRAY['sweep'::text, 'incremental'::text, 'mixed'::text]))),
    CONSTRAINT pipeline_runs_source CHECK ((source = ANY (ARRAY['graphql'::text, 'rest'::text]))),
    CONSTRAINT pipeline_runs_status CHECK ((status = ANY (ARRAY['succeeded'::text, 'partial'::text, 'failed'::text])))
);
CREATE VIEW public.pipeline_health AS
 SELECT run_id,
    started_at,
    finished_at,
    round(EXTRACT(epoch FROM (finished_at - started_at)), 2) AS duration_seconds,
    snapshot_date,
    status,
    mode,
    source,
    companies,
    companies_failed,
    repositories_updated,
    snapshots_fresh,
    snapshots_carried,
    language_rows,
    requests,
    points,
    budget_left,
    error,
    warnings
   FROM public.pipeline_runs;
CREATE TABLE public.pipeline_run_companies (
    run_id bigint NOT NULL,
    company_id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    status text NOT NULL,
    mode text NOT NULL,
    source text NOT NULL,
    repositories_observed integer NOT NULL,
    snapshots_fresh integer NOT NULL,
    snapshots_carried integer NOT NULL,
    requests integer NOT NULL,
    points integer NOT NULL,
    budget_left integer,
    error text,
    CONSTRAINT pipeline_run_companies_mode CHECK ((mode = ANY (ARRAY['sweep'::text, 'incremental'::text]))),
    CONSTRAINT pipeline_run_companies_source CHECK ((source = ANY (ARRAY['graphql'::text, 'rest'::text]))),
    CONSTRAINT pipeline_run_companies_status CHECK ((status = ANY (ARRAY['succeeded'::text, 'incomplete'::text, 'failed'::text])))
);
CREATE SEQUENCE public.pipeline_runs_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.pipeline_runs_run_id_seq OWNED BY public.pipeline_runs.run_id;
CREATE VIEW public.repo_activity_score AS
 SELECT companies.company_name,
    repos.name AS repo_name,
    (((repo_snapshots.stars)::bigint + repo_snapshots.forks) + repo_snapshots.open_issues) AS activity_score
   FROM ((public.repo_snapshots
     JOIN public.repos ON ((repos.id = repo_snapshots.repo_id)))
     JOIN public.companies ON ((companies.company_id = repo_snapshots.company_id)))
  WHERE (repo_snapshots.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
           FROM public.company_daily));
CREATE VIEW public.repo_daily_growth AS
 SELECT repos.id AS repo_id,
    repos.full_name,
    repo_snapshots.snapshot_date,
    repo_snapshots.stars,
    (repo_snapshots.stars - lag(repo_snapshots.stars) OVER repository_days) AS star_growth
   FROM (public.repo_snapshots
     JOIN public.repos ON ((repos.id = repo_snapshots.repo_id)))
  WINDOW repository_days AS (PARTITION BY repos.id, repos.full_name ORDER BY repo_snapshots.snapshot_date);
CREATE TABLE public.repo_snapshots_20260301 (
    repo_id bigint CONSTRAINT repo_snapshots_repo_id_not_null NOT NULL,
    snapshot_date date CONSTRAINT repo_snapshots_snapshot_date_not_null NOT NULL,
    company_id bigint CONSTRAINT repo_snapshots_company_id_not_null NOT NULL,
    stars integer CONSTRAINT repo_snapshots_stars_not_null NOT NULL,
    forks integer CONSTRAINT repo_snapshots_forks_not_null NOT NULL,
    open_issues integer CONSTRAINT repo_snapshots_open_issues_not_null NOT NULL,
    observed_on date CONSTRAINT repo_snapshots_observed_on_not_null NOT NULL,
    CONSTRAINT repo_snapshots_forks_count CHECK ((forks >= 0)),
    CONSTRAINT repo_snapshots_observed_by_then CHECK ((observed_on <= snapshot_date)),
    CONSTRAINT repo_snapshots_open_issues_count CHECK ((open_issues >= 0)),
    CONSTRAINT repo_snapshots_stars_count CHECK ((stars >= 0))
);
CREATE TABLE public.repo_snapshots_20260302 (
    repo_id bigint CONSTRAINT repo_snapshots_repo_id_not_null NOT NULL,
    snapshot_date date CONSTRAINT repo_snapshots_snapshot_date_not_null NOT NULL,
    company_id bigint CONSTRAINT repo_snapshots_company_id_not_null NOT NULL,
    stars integer CONSTRAINT repo_snapshots_stars_not_null NOT NULL,
    forks integer CONSTRAINT repo_snapshots_forks_not_null NOT NULL,
    open_issues integer CONSTRAINT repo_snapshots_open_issues_not_null NOT NULL,
    observed_on date CONSTRAINT repo_snapshots_observed_on_not_null NOT NULL,
    CONSTRAINT repo_snapshots_forks_count CHECK ((forks >= 0)),
    CONSTRAINT repo_snapshots_observed_by_then CHECK ((observed_on <= snapshot_date)),
    CONSTRAINT repo_snapshots_open_issues_count CHECK ((open_issues >= 0)),
    CONSTRAINT repo_snapshots_stars_count CHECK ((stars >= 0))
);
CREATE TABLE public.repo_snapshots_20260303 (
    repo_id bigint CONSTRAINT repo_snapshots_repo_id_not_null NOT NULL,
    snapshot_date date CONSTRAINT repo_snapshots_snapshot_date_not_null NOT NULL,
    company_id bigint CONSTRAINT repo_snapshots_company_id_not_null NOT NULL,
    stars integer CONSTRAINT repo_snapshots_stars_not_null NOT NULL,
    forks integer CONSTRAINT repo_snapshots_forks_not_null NOT NULL,
    open_issues integer CONSTRAINT repo_snapshots_open_issues_not_null NOT NULL,
    observed_on date CONSTRAINT repo_snapshots_observed_on_not_null NOT NULL,
    CONSTRAINT repo_snapshots_forks_count CHECK ((forks >= 0)),
    CONSTRAINT repo_snapshots_observed_by_then CHECK ((observed_on <= snapshot_date)),
    CONSTRAINT repo_snapshots_open_issues_count CHECK ((open_issues >= 0)),
    CONSTRAINT repo_snapshots_stars_count CHECK ((stars >= 0))
);
CREATE VIEW public.top_languages AS
 SELECT languages.language_name,
    (sum(company_language_daily.bytes))::bigint AS total_bytes,
    round(((100.0 * sum(company_language_daily.bytes)) / NULLIF(sum(sum(company_language_daily.bytes)) OVER (), (0)::numeric)), 2) AS share_percent,
    sum(company_language_daily.repos) AS repo_count,
    count(*) AS company_count
   FROM (public.company_language_daily
     JOIN public.languages ON ((languages.language_id = company_language_daily.language_id)))
  WHERE (company_language_daily.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
           FROM public.company_daily))
  GROUP BY languages.language_id, languages.language_name;
CREATE VIEW public.top_repos_per_company AS
 WITH contenders AS (
         SELECT companies.company_id,
            companies.company_name,
            repo_snapshots.repo_id,
            repo_snapshots.stars,
            rank() OVER company_repos AS place
           FROM (public.repo_snapshots
             JOIN public.companies ON ((companies.company_id = repo_snapshots.company_id)))
          WHERE (repo_snapshots.snapshot_date = ( SELECT max(company_daily.snapshot_date) AS max
                   FROM public.company_daily))
          WINDOW company_repos AS (PARTITION BY companies.company_id, companies.company_name ORDER BY repo_snapshots.stars DESC)
        ), ranked_repos AS (
         SELECT contenders.company_name,
            repos.name AS repo_name,
            contenders.stars,
            row_number() OVER company_repos AS rank
           FROM (contenders
             JOIN public.repos ON ((repos.id = contenders.repo_id)))
          WHERE (contenders.place <= 10)
          WINDOW company_repos AS (PARTITION BY contenders.company_id, contenders.company_name ORDER BY contenders.stars DESC, (repos.name COLLATE "C"), repos.id)
        )
 SELECT company_name,
    repo_name,
    stars,
    rank
   FROM ranked_repos
  WHERE (rank <= 10);
CREATE VIEW public.trending_repos AS
 WITH latest_day AS (
         SELECT max(company_daily.snapshot_date) AS snapshot_date
           FROM public.company_daily
        ), day_before AS (
         SELECT repo_snapshots.repo_id,
            repo_snapshots.stars
           FROM public.repo_snapshots
          WHERE (repo_snapshots.snapshot_date = ( SELECT (latest_day.snapshot_date - 1)
                   FROM latest_day))
        ), week_before AS (
         SELECT repo_snapshots.repo_id,
            repo_snapshots.stars
           FROM public.repo_snapshots
          WHERE (repo_snapshots.snapshot_date = ( SELECT (latest_day.snapshot_date - 7)
                   FROM latest_day))
        ), month_before AS (
         SELECT repo_snapshots.repo_id,
            repo_snapshots.stars
           FROM public.repo_snapshots
          WHERE (repo_snapshots.snapshot_date = ( SELECT (latest_day.snapshot_date - 30)
                   FROM latest_day))
        ), gains AS (
         SELECT repo_snapshots.repo_id,
            repo_snapshots.company_id,
            repo_snapshots.stars,
            (repo_snapshots.stars - day_before.stars) AS stars_gained_1d,
            (repo_snapshots.stars - week_before.stars) AS stars_gained_7d,
            (repo_snapshots.stars - month_before.stars) AS stars_gained_30d,
            day_before.stars AS stars_1d_before,
            week_before.stars AS stars_7d_before,
            month_before.stars AS stars_30d_before
           FROM (((public.repo_snapshots
             LEFT JOIN day_before ON ((day_before.repo_id = repo_snapshots.repo_id)))
             LEFT JOIN week_before ON ((week_before.repo_id = repo_snapshots.repo_id)))
             LEFT JOIN month_before ON ((month_before.repo_id = repo_snapshots.repo_id)))
          WHERE (repo_snapshots.snapshot_date = ( SELECT latest_day.snapshot_date
                   FROM latest_day))
        )
 SELECT companies.company_name,
    repos.name AS repo_name,
    repos.full_name,
    repos.id AS repo_id,
    gains.stars,
    gains.stars_gained_1d,
    gains.stars_gained_7d,
    gains.stars_gained_30d,
    round(((100.0 * (gains.stars_gained_1d)::numeric) / (NULLIF(gains.stars_1d_before, 0))::numeric), 2) AS percent_1d,
    round(((100.0 * (gains.stars_gained_7d)::numeric) / (NULLIF(gains.stars_7d_before, 0))::numeric), 2) AS percent_7d,
    round(((100.0 * (gains.stars_gained_30d)::numeric) / (NULLIF(gains.stars_30d_before, 0))::numeric), 2) AS percent_30d
   FROM ((gains
     JOIN public.repos ON ((repos.id = gains.repo_id)))
     JOIN public.companies ON ((companies.company_id = gains.company_id)));
CREATE TABLE public.warehouse_properties (
    property_name text NOT NULL,
    property_value text NOT NULL
);
CREATE TABLE public.yoyo_lock (
    locked integer DEFAULT 1 NOT NULL,
    ctime timestamp without time zone,
    pid integer NOT NULL
);
ALTER TABLE ONLY public.language_snapshots ATTACH PARTITION public.language_snapshots_20260301 FOR VALUES FROM ('2026-03-01') TO ('2026-03-02');
ALTER TABLE ONLY public.language_snapshots ATTACH PARTITION public.language_snapshots_20260302 FOR VALUES FROM ('2026-03-02') TO ('2026-03-03');
ALTER TABLE ONLY public.language_snapshots ATTACH PARTITION public.language_snapshots_20260303 FOR VALUES FROM ('2026-03-03') TO ('2026-03-04');
ALTER TABLE ONLY public.repo_snapshots ATTACH PARTITION public.repo_snapshots_20260301 FOR VALUES FROM ('2026-03-01') TO ('2026-03-02');
ALTER TABLE ONLY public.repo_snapshots ATTACH PARTITION public.repo_snapshots_20260302 FOR VALUES FROM ('2026-03-02') TO ('2026-03-03');
ALTER TABLE ONLY public.repo_snapshots ATTACH PARTITION public.repo_snapshots_20260303 FOR VALUES FROM ('2026-03-03') TO ('2026-03-04');
ALTER TABLE ONLY public.languages ALTER COLUMN language_id SET DEFAULT nextval('public.languages_language_id_seq'::regclass);
ALTER TABLE ONLY public.pipeline_runs ALTER COLUMN run_id SET DEFAULT nextval('public.pipeline_runs_run_id_seq'::regclass);
INSERT INTO public._yoyo_log VALUES ('317f7908-e60d-11f1-a0d6-02fc00000001', 'bd6950035143451fe4548fb7e72276296e9c68c42ffbedf14b00251f1b371645', '0001.dimensions', 'apply', 'root', 'localhost', NULL, '2026-11-22 00:39:36.46002');
INSERT INTO public._yoyo_log VALUES ('3180829e-e60d-11f1-a0d6-02fc00000001', '4f1c7571b4d7a93fd7d59fde7ef1dfc0bbc8b68d0b716b352f297dd3faf759e0', '0002.facts', 'apply', 'root', 'localhost', NULL, '2026-11-22 00:39:36.466638');
INSERT INTO public._yoyo_log VALUES ('31817528-e60d-11f1-a0d6-02fc00000001', '601e97aa1e5e8eb460022deeeba5cce40c9486cdb7060d4cb201e51a23920e7f', '0003.rollups', 'apply', 'root', 'localhost', NULL, '2026-11-22 00:39:36.472858');
INSERT INTO public._yoyo_log VALUES ('31831f22-e60d-11f1-a0d6-02fc00000001', '760aaeb5b764fdd2e6d08ca762a996faa7117bace6081fb236005b7dc6b0bc4c', '0004.pipeline_runs', 'apply', 'root', 'localhost', NULL, '2026-11-22 00:39:36.483771');
INSERT INTO public._yoyo_log VALUES ('31835a32-e60d-11f1-a0d6-02fc00000001', '2f59024b71b7655b82990d6111d20a74932809c515a7bdbf16d36df1a92973ee', '0005.audit_warnings', 'apply', 'root', 'localhost', NULL, '2026-11-22 00:39:36.485229');
INSERT INTO public._yoyo_log VALUES ('318394ca-e60d-11f1-a0d6-02fc00000001', '0f0a0f9749cdec412fa126e746781643c379316e2e34192560fed1e40976d456', '0006.rollup_keys', 'apply', 'root', 'localhost', NULL, '2026-11-22 00:39:36.486734');
INSERT INTO public._yoyo_log VALUES ('31844b04-e60d-11f1-a0d6-02fc00000001', 'f0cea3ad8482c245408aff408322e125709af6d39ea2959f83f949d855527c8f', '0007.column_comments', 'apply', 'root', 'localhost', NULL, '2026-11-22 00:39:36.491394');
INSERT INTO public._yoyo_log VALUES ('3184c8c2-e60d-11f1-a0d6-02fc00000001', '6512cdf2b3af4923071ed4de027591658cfd541b11a4307561f4105eaae91281', '0008.alerts', 'apply', 'root', 'localhost', NULL, '2026-11-22 00:39:36.494657');
INSERT INTO public._yoyo_migration VALUES ('bd6950035143451fe4548fb7e72276296e9c68c42ffbedf14b00251f1b371645', '0001.dimensions', '2026-11-22 00:39:36.460767');
INSERT INTO public._yoyo_migration VALUES ('4f1c7571b4d7a93fd7d59fde7ef1dfc0bbc8b68d0b716b352f297dd3faf759e0', '0002.facts', '2026-11-22 00:39:36.46697');
INSERT INTO public._yoyo_migration VALUES ('601e97aa1e5e8eb460022deeeba5cce40c9486cdb7060d4cb201e51a23920e7f', '0003.rollups', '2026-11-22 00:39:36.473238');
INSERT INTO public._yoyo_migration VALUES ('760aaeb5b764fdd2e6d08ca762a996faa7117bace6081fb236005b7dc6b0bc4c', '0004.pipeline_runs', '2026-11-22 00:39:36.484161');
INSERT INTO public._yoyo_migration VALUES ('2f59024b71b7655b82990d6111d20a74932809c515a7bdbf16d36df1a92973ee', '0005.audit_warnings', '2026-11-22 00:39:36.485507');
INSERT INTO public._yoyo_migration VALUES ('0f0a0f9749cdec412fa126e746781643c379316e2e34192560fed1e40976d456', '0006.rollup_keys', '2026-11-22 00:39:36.487096');
INSERT INTO public._yoyo_migration VALUES ('f0cea3ad8482c245408aff408322e125709af6d39ea2959f83f949d855527c8f', '0007.column_comments', '2026-11-22 00:39:36.491747');
INSERT INTO public._yoyo_migration VALUES ('6512cdf2b3af4923071ed4de027591658cfd541b11a4307561f4105eaae91281', '0008.alerts', '2026-11-22 00:39:36.494988');
INSERT INTO public._yoyo_version VALUES (2, '2026-11-22 00:39:36.403885');
INSERT INTO public.companies VALUES (50488699, 'acme', 'Organization', true);
INSERT INTO public.companies VALUES (22744484, 'ada', 'User', true);
INSERT INTO public.company_daily VALUES (50488699, '2026-03-01', 4, 87, 27, 6);
INSERT INTO public.company_daily VALUES (22744484, '2026-03-01', 2, 43, 10, 1);
INSERT INTO public.company_daily VALUES (50488699, '2026-03-02', 4, 87, 27, 6);
INSERT INTO public.company_daily VALUES (22744484, '2026-03-02', 2, 43, 10, 1);
INSERT INTO public.company_daily VALUES (50488699, '2026-03-03', 4, 90, 28, 9);
INSERT INTO public.company_daily VALUES (22744484, '2026-03-03', 2, 43, 10, 1);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-01', 4, 1, 6532);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-01', 2, 1, 58517);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-01', 14, 1, 187950);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-01', 7, 1, 4673);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-01', 9, 2, 155310);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-01', 5, 2, 1221482);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-01', 1, 1, 2313);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-01', 13, 1, 17330);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-01', 8, 1, 135944);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-01', 12, 1, 687990);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-01', 6, 2, 150512);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-01', 7, 2, 274314);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-01', 11, 1, 5690);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-01', 3, 1, 26263);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-01', 10, 1, 23001);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-02', 4, 1, 6532);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-02', 2, 1, 58517);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-02', 14, 1, 187950);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-02', 7, 1, 4673);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-02', 9, 2, 155310);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-02', 5, 2, 1221482);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-02', 1, 1, 2313);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-02', 13, 1, 17330);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-02', 8, 1, 135944);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-02', 12, 1, 687990);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-02', 6, 2, 150512);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-02', 7, 2, 274314);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-02', 11, 1, 5690);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-02', 3, 1, 26263);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-02', 10, 1, 23001);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-03', 4, 1, 6532);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-03', 2, 1, 58517);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-03', 14, 1, 187950);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-03', 7, 1, 4673);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-03', 9, 2, 155310);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-03', 5, 2, 1221482);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-03', 1, 1, 2313);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-03', 13, 1, 17330);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-03', 8, 1, 135944);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-03', 12, 1, 687990);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-03', 6, 2, 150512);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-03', 7, 2, 274314);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-03', 11, 1, 5690);
INSERT INTO public.company_language_daily VALUES (22744484, '2026-03-03', 3, 1, 26263);
INSERT INTO public.company_language_daily VALUES (50488699, '2026-03-03', 10, 1, 23001);
INSERT INTO public.ingestion_state VALUES ('acme', 50488699, '2026-03-03 00:00:00+00', '2026-03-03 00:00:00+00');
INSERT INTO public.ingestion_state VALUES ('ada', 22744484, '2026-03-03 00:00:00+00', '2026-03-03 00:00:00+00');
INSERT INTO public.language_snapshots_20260301 VALUES (1028931504, '2026-03-01', 1, 2313);
INSERT INTO public.language_snapshots_20260301 VALUES (1028931504, '2026-03-01', 2, 58517);
INSERT INTO public.language_snapshots_20260301 VALUES (1114995958, '2026-03-01', 3, 26263);
INSERT INTO public.language_snapshots_20260301 VALUES (1028931504, '2026-03-01', 4, 6532);
INSERT INTO public.language_snapshots_20260301 VALUES (888759670, '2026-03-01', 5, 1217305);
INSERT INTO public.language_snapshots_20260301 VALUES (497958564, '2026-03-01', 5, 4177);
INSERT INTO public.language_snapshots_20260301 VALUES (1028931504, '2026-03-01', 6, 16098);
INSERT INTO public.language_snapshots_20260301 VALUES (888759670, '2026-03-01', 6, 134414);
INSERT INTO public.language_snapshots_20260301 VALUES (947815296, '2026-03-01', 7, 4673);
INSERT INTO public.language_snapshots_20260301 VALUES (1075057264, '2026-03-01', 7, 253171);
INSERT INTO public.language_snapshots_20260301 VALUES (888759670, '2026-03-01', 7, 21143);
INSERT INTO public.language_snapshots_20260301 VALUES (1114995958, '2026-03-01', 8, 135944);
INSERT INTO public.language_snapshots_20260301 VALUES (1114995958, '2026-03-01', 9, 33881);
INSERT INTO public.language_snapshots_20260301 VALUES (947815296, '2026-03-01', 9, 121429);
INSERT INTO public.language_snapshots_20260301 VALUES (497958564, '2026-03-01', 10, 23001);
INSERT INTO public.language_snapshots_20260301 VALUES (947815296, '2026-03-01', 11, 5690);
INSERT INTO public.language_snapshots_20260301 VALUES (1075057264, '2026-03-01', 12, 687990);
INSERT INTO public.language_snapshots_20260301 VALUES (947815296, '2026-03-01', 13, 17330);
INSERT INTO public.language_snapshots_20260301 VALUES (497958564, '2026-03-01', 14, 187950);
INSERT INTO public.language_snapshots_20260302 VALUES (1028931504, '2026-03-02', 1, 2313);
INSERT INTO public.language_snapshots_20260302 VALUES (1028931504, '2026-03-02', 2, 58517);
INSERT INTO public.language_snapshots_20260302 VALUES (1114995958, '2026-03-02', 3, 26263);
INSERT INTO public.language_snapshots_20260302 VALUES (1028931504, '2026-03-02', 4, 6532);
INSERT INTO public.language_snapshots_20260302 VALUES (888759670, '2026-03-02', 5, 1217305);
INSERT INTO public.language_snapshots_20260302 VALUES (497958564, '2026-03-02', 5, 4177);
INSERT INTO public.language_snapshots_20260302 VALUES (1028931504, '2026-03-02', 6, 16098);
INSERT INTO public.language_snapshots_20260302 VALUES (888759670, '2026-03-02', 6, 134414);
INSERT INTO public.language_snapshots_20260302 VALUES (947815296, '2026-03-02', 7, 4673);
INSERT INTO public.language_snapshots_20260302 VALUES (1075057264, '2026-03-02', 7, 253171);
INSERT INTO public.language_snapshots_20260302 VALUES (888759670, '2026-03-02', 7, 21143);
INSERT INTO public.language_snapshots_20260302 VALUES (1114995958, '2026-03-02', 8, 135944);
INSERT INTO public.language_snapshots_20260302 VALUES (1114995958, '2026-03-02', 9, 33881);
INSERT INTO public.language_snapshots_20260302 VALUES (947815296, '2026-03-02', 9, 121429);
INSERT INTO public.language_snapshots_20260302 VALUES (497958564, '2026-03-02', 10, 23001);
INSERT INTO public.language_snapshots_20260302 VALUES (947815296, '2026-03-02', 11, 5690);
INSERT INTO public.language_snapshots_20260302 VALUES (1075057264, '2026-03-02', 12, 687990);
INSERT INTO public.language_snapshots_20260302 VALUES (947815296, '2026-03-02', 13, 17330);
INSERT INTO public.language_snapshots_20260302 VALUES (497958564, '2026-03-02', 14, 187950);
INSERT INTO public.language_snapshots_20260303 VALUES (1028931504, '2026-03-03', 1, 2313);
INSERT INTO public.language_snapshots_20260303 VALUES (1028931504, '2026-03-03', 2, 58517);
INSERT INTO public.language_snapshots_20260303 VALUES (1114995958, '2026-03-03', 3, 26263);
INSERT INTO public.language_snapshots_20260303 VALUES (1028931504, '2026-03-03', 4, 6532);
INSERT INTO public.language_snapshots_20260303 VALUES (888759670, '2026-03-03', 5, 1217305);
INSERT INTO public.language_snapshots_20260303 VALUES (497958564, '2026-03-03', 5, 4177);
INSERT INTO public.language_snapshots_20260303 VALUES (1028931504, '2026-03-03', 6, 16098);
INSERT INTO public.language_snapshots_20260303 VALUES (888759670, '2026-03-03', 6, 134414);
INSERT INTO public.language_snapshots_20260303 VALUES (947815296, '2026-03-03', 7, 4673);
INSERT INTO public.language_snapshots_20260303 VALUES (1075057264, '2026-03-03', 7, 253171);
INSERT INTO public.language_snapshots_20260303 VALUES (888759670, '2026-03-03', 7, 21143);
INSERT INTO public.language_snapshots_20260303 VALUES (1114995958, '2026-03-03', 8, 135944);
INSERT INTO public.language_snapshots_20260303 VALUES (1114995958, '2026-03-03', 9, 33881);
INSERT INTO public.language_snapshots_20260303 VALUES (947815296, '2026-03-03', 9, 121429);
INSERT INTO public.language_snapshots_20260303 VALUES (497958564, '2026-03-03', 10, 23001);
INSERT INTO public.language_snapshots_20260303 VALUES (947815296, '2026-03-03', 11, 5690);
INSERT INTO public.language_snapshots_20260303 VALUES (1075057264, '2026-03-03', 12, 687990);
INSERT INTO public.language_snapshots_20260303 VALUES (947815296, '2026-03-03', 13, 17330);
INSERT INTO public.language_snapshots_20260303 VALUES (497958564, '2026-03-03', 14, 187950);
INSERT INTO public.languages VALUES (1, 'C');
INSERT INTO public.languages VALUES (2, 'C++');
INSERT INTO public.languages VALUES (3, 'D');
INSERT INTO public.languages VALUES (4, 'Dockerfile');
INSERT INTO public.languages VALUES (5, 'Go');
INSERT INTO public.languages VALUES (6, 'HTML');
INSERT INTO public.languages VALUES (7, 'Java');
INSERT INTO public.languages VALUES (8, 'JavaScript');
INSERT INTO public.languages VALUES (9, 'Makefile');
INSERT INTO public.languages VALUES (10, 'Python');
INSERT INTO public.languages VALUES (11, 'Ruby');
INSERT INTO public.languages VALUES (12, 'Shell');
INSERT INTO public.languages VALUES (13, 'Starlark');
INSERT INTO public.languages VALUES (14, 'TypeScript');
INSERT INTO public.pipeline_run_companies VALUES (1, 22744484, '2026-03-01 00:00:00+00', '2026-03-01 00:00:00.039878+00', 'succeeded', 'sweep', 'graphql', 2, 2, 0, 1, 1, 4998, NULL);
INSERT INTO public.pipeline_run_companies VALUES (1, 50488699, '2026-03-01 00:00:00+00', '2026-03-01 00:00:00.039286+00', 'succeeded', 'sweep', 'graphql', 4, 4, 0, 1, 1, 4998, NULL);
INSERT INTO public.pipeline_run_companies VALUES (2, 22744484, '2026-03-02 00:00:00+00', '2026-03-02 00:00:00.00865+00', 'succeeded', 'sweep', 'graphql', 2, 2, 0, 1, 1, 4996, NULL);
INSERT INTO public.pipeline_run_companies VALUES (2, 50488699, '2026-03-02 00:00:00+00', '2026-03-02 00:00:00.005648+00', 'succeeded', 'sweep', 'graphql', 4, 4, 0, 1, 1, 4996, NULL);
INSERT INTO public.pipeline_run_companies VALUES (3, 22744484, '2026-03-03 00:00:00+00', '2026-03-03 00:00:00.008462+00', 'succeeded', 'sweep', 'graphql', 2, 2, 0, 1, 1, 4994, NULL);
INSERT INTO public.pipeline_run_companies VALUES (3, 50488699, '2026-03-03 00:00:00+00', '2026-03-03 00:00:00.006319+00', 'succeeded', 'sweep', 'graphql', 4, 4, 0, 1, 1, 4994, NULL);
INSERT INTO public.pipeline_runs VALUES (1, '2026-03-01 00:00:00+00', '2026-03-01 00:00:00.096617+00', '2026-03-01', 'succeeded', 'sweep', 'graphql', 2, 0, 6, 6, 0, 19, 4, 2, 4998, NULL, NULL);
INSERT INTO public.pipeline_runs VALUES (2, '2026-03-02 00:00:00+00', '2026-03-02 00:00:00.066393+00', '2026-03-02', 'succeeded', 'sweep', 'graphql', 2, 0, 0, 6, 0, 19, 2, 2, 4996, NULL, NULL);
INSERT INTO public.pipeline_runs VALUES (3, '2026-03-03 00:00:00+00', '2026-03-03 00:00:00.067171+00', '2026-03-03', 'succeeded', 'sweep', 'graphql', 2, 0, 0, 6, 0, 19, 2, 2, 4994, NULL, NULL);
INSERT INTO public.repo_snapshots_20260301 VALUES (497958564, '2026-03-01', 50488699, 2, 0, 0, '2026-03-01');
INSERT INTO public.repo_snapshots_20260301 VALUES (888759670, '2026-03-01', 50488699, 1, 0, 0, '2026-03-01');
INSERT INTO public.repo_snapshots_20260301 VALUES (1028931504, '2026-03-01', 50488699, 0, 0, 0, '2026-03-01');
INSERT INTO public.repo_snapshots_20260301 VALUES (1075057264, '2026-03-01', 50488699, 84, 27, 6, '2026-03-01');
INSERT INTO public.repo_snapshots_20260301 VALUES (947815296, '2026-03-01', 22744484, 0, 0, 0, '2026-03-01');
INSERT INTO public.repo_snapshots_20260301 VALUES (1114995958, '2026-03-01', 22744484, 43, 10, 1, '2026-03-01');
INSERT INTO public.repo_snapshots_20260302 VALUES (497958564, '2026-03-02', 50488699, 2, 0, 0, '2026-03-02');
INSERT INTO public.repo_snapshots_20260302 VALUES (888759670, '2026-03-02', 50488699, 1, 0, 0, '2026-03-02');
INSERT INTO public.repo_snapshots_20260302 VALUES (1028931504, '2026-03-02', 50488699, 0, 0, 0, '2026-03-02');
INSERT INTO public.repo_snapshots_20260302 VALUES (1075057264, '2026-03-02', 50488699, 84, 27, 6, '2026-03-02');
INSERT INTO public.repo_snapshots_20260302 VALUES (947815296, '2026-03-02', 22744484, 0, 0, 0, '2026-03-02');
INSERT INTO public.repo_snapshots_20260302 VALUES (1114995958, '2026-03-02', 22744484, 43, 10, 1, '2026-03-02');
INSERT INTO public.repo_snapshots_20260303 VALUES (497958564, '2026-03-03', 50488699, 2, 0, 0, '2026-03-03');
INSERT INTO public.repo_snapshots_20260303 VALUES (888759670, '2026-03-03', 50488699, 1, 0, 0, '2026-03-03');
INSERT INTO public.repo_snapshots_20260303 VALUES (1028931504, '2026-03-03', 50488699, 3, 1, 3, '2026-03-03');
INSERT INTO public.repo_snapshots_20260303 VALUES (1075057264, '2026-03-03', 50488699, 84, 27, 6, '2026-03-03');
INSERT INTO public.repo_snapshots_20260303 VALUES (947815296, '2026-03-03', 22744484, 0, 0, 0, '2026-03-03');
INSERT INTO public.repo_snapshots_20260303 VALUES (1114995958, '2026-03-03', 22744484, 43, 10, 1, '2026-03-03');
INSERT INTO public.repos VALUES (497958564, 'R_kgDOHa4-pA', 50488699, 'cloud_queue', 'acme/cloud_queue', 'TypeScript', '2016-02-29 16:54:42+00', '2026-01-21 18:23:35+00', '2022-11-25 08:10:44+00', false, false, 'MPL-2.0', '2026-03-01', NULL, '2026-03-01 00:00:00+00', '2022-11-25 08:10:44+00', NULL);
INSERT INTO public.repos VALUES (888759670, 'R_kgDONPlldg', 50488699, 'fast-gateway', 'acme/fast-gateway', 'Go', '2022-05-10 06:50:35+00', '2026-02-03 03:10:07+00', '2024-11-24 23:25:47+00', false, false, 'Apache-2.0', '2026-03-01', NULL, '2026-03-01 00:00:00+00', '2024-11-24 23:25:47+00', NULL);
INSERT INTO public.repos VALUES (1028931504, 'R_kgDOPVQ_sA', 50488699, 'open-console', 'acme/open-console', 'C++', '2024-07-29 11:09:12+00', '2026-01-13 09:33:42+00', '2025-04-15 15:07:34+00', false, false, 'Apache-2.0', '2026-03-01', NULL, '2026-03-01 00:00:00+00', '2025-04-15 15:07:34+00', NULL);
INSERT INTO public.repos VALUES (1075057264, 'R_kgDOQBQScA', 50488699, 'web_store', 'acme/web_store', 'Shell', '2025-04-22 09:30:32+00', '2026-01-25 01:22:54+00', '2026-01-16 06:33:14+00', false, false, 'NOASSERTION', '2026-03-01', NULL, '2026-03-01 00:00:00+00', '2026-01-16 06:33:14+00', NULL);
INSERT INTO public.repos VALUES (947815296, 'R_kgDOOH6DgA', 22744484, 'edge_monitor', 'ada/edge_monitor', 'Makefile', '2023-04-17 01:00:48+00', '2025-02-20 13:17:12+00', '2025-10-15 11:57:20+00', true, false, 'Apache-2.0', '2026-03-01', NULL, '2026-03-01 00:00:00+00', '2025-10-15 11:57:20+00', NULL);
INSERT INTO public.repos VALUES (1114995958, 'R_kgDOQnV89g', 22744484, 'stream-bench', 'ada/stream-bench', 'JavaScript', '2025-12-09 12:32:59+00', '2026-02-25 01:08:46+00', '2026-01-16 21:38:23+00', false, false, 'NOASSERTION', '2026-03-01', NULL, '2026-03-01 00:00:00+00', '2026-01-16 21:38:23+00', NULL);
INSERT INTO public.warehouse_properties VALUES ('views', '{"company_daily_growth": "2a74a5d336613b323ed539864092a6da509db6bd177fa6f72cf36526ea59d201", "company_language_diversity": "c489bc93aac7c1cc828117d22462a7cd0672be921222139888abcbbbdb9d3be1", "company_largest_repos": "c9c965dac3b251e6c23d96282197017433fcf068c7d8b9bd6fcfd48b35ed4236", "company_leading_languages": "96be3e22d6bffe602154215fcc911b0cfa081f2931ff19d9e0b3f33915420ac0", "company_top_forked_repos": "e792fc01354c9bbf8b5b807930bd0d1db1a5e044da342fae007f0abbbb9ebeb9", "company_total_stars": "723e6551e39424c08fb12499b24719b3893bd4c8797d0dae2ecbaa6da820d816", "current_repo_languages": "59e566b3b81e39d65604f1ac9bc60a6917bb1e08a265b75e772e5f7b10baa814", "current_repo_metrics": "dd8e8e3341ed84f7dc130a11c716858dba17d97c6c01efd034558e88a14c10ff", "data_freshness": "775b4341f14516b9893ecb1350f8669ba960c46cc46fc3006fc9d11fd86f559d", "language_popularity_by_company": "b188008ec67ae654d5a0a804cf56ebd1cd7cc44bf2d394d4a42f4b43fb205529", "language_trend_by_company": "d36a43143ed004563f4715eea1370c4660e0944db7a1c83c3f30a4682836ebe3", "most_open_issues_repos": "71e099adbeeb6dd2c508957f2d410a3df50860c180f6033fbe39083c0cf60d32", "repo_activity_score": "ef7817910bb34cac0e32e7c087100c9d0083ad9e8c9d5ac1792f4e2f9fc8c832", "repo_daily_growth": "c6738b2cb24b1e2a7e5ac1a513044cf2f4e60bd6dbacfda885b62bed0a383265", "top_languages": "035c8829b75da28d8c0a569cf7670269e9435beda1d5af047355ac81009c2a52", "top_repos_per_company": "3f25403abcf135c8f68826b8c83069e034921641e268ee3d8f246db9ef224a23", "trending_repos": "567b5c75f4b0fc460757ed10c21cd11e0ba285718e3229703179841cad4df276", "pipeline_health": "b214427dcf681b6f0f83914661fcf2ea4ddade904cfdc512d5329ce6a667501a"}');
INSERT INTO public.warehouse_properties VALUES ('api_host', '127.0.0.1');
SELECT pg_catalog.setval('public.languages_language_id_seq', 14, true);
SELECT pg_catalog.setval('public.pipeline_runs_run_id_seq', 3, true);
ALTER TABLE ONLY public._yoyo_log
    ADD CONSTRAINT _yoyo_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public._yoyo_migration
    ADD CONSTRAINT _yoyo_migration_pkey PRIMARY KEY (migration_hash);
ALTER TABLE ONLY public._yoyo_version
    ADD CONSTRAINT _yoyo_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (alert_key);
ALTER TABLE ONLY public.companies
    ADD CONSTRAINT companies_pkey PRIMARY KEY (company_id);
ALTER TABLE ONLY public.company_daily
    ADD CONSTRAINT company_daily_pkey PRIMARY KEY (company_id, snapshot_date);
ALTER TABLE ONLY public.company_language_daily
    ADD CONSTRAINT company_language_daily_pkey PRIMARY KEY (company_id, snapshot_date, language_id);
ALTER TABLE ONLY public.ingestion_state
    ADD CONSTRAINT ingestion_state_company_id_key UNIQUE (company_id);
ALTER TABLE ONLY public.ingestion_state
    ADD CONSTRAINT ingestion_state_pkey PRIMARY KEY (source);
ALTER TABLE ONLY public.language_snapshots
    ADD CONSTRAINT language_snapshots_pkey PRIMARY KEY (repo_id, snapshot_date, language_id);
ALTER TABLE ONLY public.language_snapshots_20260301
    ADD CONSTRAINT language_snapshots_20260301_pkey PRIMARY KEY (repo_id, snapshot_date, language_id);
ALTER TABLE ONLY public.language_snapshots_20260302
    ADD CONSTRAINT language_snapshots_20260302_pkey PRIMARY KEY (repo_id, snapshot_date, language_id);
ALTER TABLE ONLY public.language_snapshots_20260303
    ADD CONSTRAINT language_snapshots_20260303_pkey PRIMARY KEY (repo_id, snapshot_date, language_id);
ALTER TABLE ONLY public.languages
    ADD CONSTRAINT languages_language_name_key UNIQUE (language_name);
ALTER TABLE ONLY public.languages
    ADD CONSTRAINT languages_pkey PRIMARY KEY (language_id);
ALTER TABLE ONLY public.pipeline_run_companies
    ADD CONSTRAINT pipeline_run_companies_pkey PRIMARY KEY (run_id, company_id);
ALTER TABLE ONLY public.pipeline_runs
    ADD CONSTRAINT pipeline_runs_pkey PRIMARY KEY (run_id);
ALTER TABLE ONLY public.repo_snapshots
    ADD CONSTRAINT repo_snapshots_pkey PRIMARY KEY (repo_id, snapshot_date);
ALTER TABLE ONLY public.repo_snapshots_20260301
    ADD CONSTRAINT repo_snapshots_20260301_pkey PRIMARY KEY (repo_id, snapshot_date);
ALTER TABLE ONLY public.repo_snapshots_20260302
    ADD CONSTRAINT repo_snapshots_20260302_pkey PRIMARY KEY (repo_id, snapshot_date);
ALTER TABLE ONLY public.repo_snapshots_20260303
    ADD CONSTRAINT repo_snapshots_20260303_pkey PRIMARY KEY (repo_id, snapshot_date);
ALTER TABLE ONLY public.repos
    ADD CONSTRAINT repos_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.warehouse_properties
    ADD CONSTRAINT warehouse_properties_pkey PRIMARY KEY (property_name);
ALTER TABLE ONLY public.yoyo_lock
    ADD CONSTRAINT yoyo_lock_pkey PRIMARY KEY (locked);
CREATE INDEX company_daily_snapshot_date ON public.company_daily USING btree (snapshot_date);
CREATE INDEX company_language_daily_snapshot_date ON public.company_language_daily USING btree (snapshot_date);
CREATE INDEX repo_snapshots_snapshot_date ON ONLY public.repo_snapshots USING btree (snapshot_date);
CREATE INDEX repo_snapshots_20260301_snapshot_date_idx ON public.repo_snapshots_20260301 USING btree (snapshot_date);
CREATE INDEX repo_snapshots_20260302_snapshot_date_idx ON public.repo_snapshots_20260302 USING btree (snapshot_date);
CREATE INDEX repo_snapshots_20260303_snapshot_date_idx ON public.repo_snapshots_20260303 USING btree (snapshot_date);
CREATE INDEX repos_company_id ON public.repos USING btree (company_id);
ALTER INDEX public.language_snapshots_pkey ATTACH PARTITION public.language_snapshots_20260301_pkey;
ALTER INDEX public.language_snapshots_pkey ATTACH PARTITION public.language_snapshots_20260302_pkey;
ALTER INDEX public.language_snapshots_pkey ATTACH PARTITION public.language_snapshots_20260303_pkey;
ALTER INDEX public.repo_snapshots_pkey ATTACH PARTITION public.repo_snapshots_20260301_pkey;
ALTER INDEX public.repo_snapshots_snapshot_date ATTACH PARTITION public.repo_snapshots_20260301_snapshot_date_idx;
ALTER INDEX public.repo_snapshots_pkey ATTACH PARTITION public.repo_snapshots_20260302_pkey;
ALTER INDEX public.repo_snapshots_snapshot_date ATTACH PARTITION public.repo_snapshots_20260302_snapshot_date_idx;
ALTER INDEX public.repo_snapshots_pkey ATTACH PARTITION public.repo_snapshots_20260303_pkey;
ALTER INDEX public.repo_snapshots_snapshot_date ATTACH PARTITION public.repo_snapshots_20260303_snapshot_date_idx;
ALTER TABLE ONLY public.company_daily
    ADD CONSTRAINT company_daily_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(company_id);
ALTER TABLE ONLY public.ingestion_state
    ADD CONSTRAINT ingestion_state_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(company_id);
ALTER TABLE public.language_snapshots
    ADD CONSTRAINT language_snapshots_language_id_fkey FOREIGN KEY (language_id) REFERENCES public.languages(language_id);
ALTER TABLE public.language_snapshots
    ADD CONSTRAINT language_snapshots_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repos(id);
ALTER TABLE ONLY public.pipeline_run_companies
    ADD CONSTRAINT pipeline_run_companies_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(company_id);
ALTER TABLE ONLY public.pipeline_run_companies
    ADD CONSTRAINT pipeline_run_companies_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.pipeline_runs(run_id);
ALTER TABLE public.repo_snapshots
    ADD CONSTRAINT repo_snapshots_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(company_id);
ALTER TABLE public.repo_snapshots
    ADD CONSTRAINT repo_snapshots_repo_id_fkey FOREIGN KEY (repo_id) REFERENCES public.repos(id);
ALTER TABLE ONLY public.repos
    ADD CONSTRAINT repos_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(company_id);
