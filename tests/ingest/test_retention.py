"""Over many days, facts keep their size and totals grow."""

from datetime import date

import pytest

from simulated import serve
from truth import true_repos

_SIZE = """
    select sum(pg_total_relation_size(inhrelid))
    from pg_inherits
    where inhparent = any(
        array['repo_snapshots'::regclass, 'language_snapshots'::regclass]
    )
"""


@pytest.mark.parametrize(
    ('days', 'retention_days', 'size'),
    [
        pytest.param(16, 5, 60, id='small'),
        pytest.param(400, 30, 400, id='large', marks=pytest.mark.long),
    ],
)
def test_facts_do_not_grow_and_totals_are_complete(
    warehouse_url: str, days: int, retention_days: int, size: int
) -> None:
    sizes = []
    accounts, today = f'acme:{size},ada:9:user', date(2025, 3, 1)
    with serve(accounts, warehouse_url, today=today) as runs:
        first = runs.world.today
        for day in range(days):
            if day:
                # no repositories are added: only days can change the size
                for repository in list(runs.world.repositories)[day % 7 :: 7]:
                    runs.world.star(repository)
                runs.next_day()
            runs.run(retention_days=retention_days)
            if day > retention_days:
                ((total,),) = runs.query(_SIZE)
                sizes.append(int(total))
        public = len(true_repos(runs.world, {'acme', 'ada'}))
        assert runs.query(
            'select snapshot_date - %s, count(*), count(distinct repo_id)'
            ' from repo_snapshots group by 1 order by 1',
            (first,),
        ) == [
            (day, public, public)
            for day in range(days - retention_days - 1, days)
        ]
        for totals in ('company_daily', 'company_language_daily'):
            assert runs.query(
                'select count(distinct snapshot_date), min(snapshot_date) - %s'
                f' from {totals}',
                (first,),
            ) == [(days, 0)]
    growth = 100 * (max(sizes) - min(sizes)) / min(sizes)
    print(f'{days} days: facts of {sizes[-1]:,} bytes, {growth:.1f} % apart')
    assert growth <= 5
