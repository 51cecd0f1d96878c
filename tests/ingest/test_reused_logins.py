"""A login that is reused by another account, in any letter case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cli.conftest import Command, command
from github_simulator.model import Account
from github_warehouse.errors import UsageError
from github_warehouse.warehouse.migrate import MIGRATIONS
from simulated import Runs

__all__ = ['command']

_STATE = """
    select source, company_name, is_tracked
    from ingestion_state
    inner join companies using (company_id)
    order by company_id = %s desc, company_id
"""


def _reuse_login(runs: Runs, login: str, new_login: str) -> Account:
    """Rename acme and give its login to a stranger in another case."""
    runs.world.rename_account(runs.company_id('acme'), new_login)
    stranger = runs.world.add_account(
        login, 'Organization', runs.world.now - timedelta(days=9)
    )
    runs.world.create(stranger.id, 'theirs')
    return stranger


@pytest.mark.parametrize('is_seen', [False, True])
def test_both_accounts_of_a_reused_login_are_read(
    runs: Runs, command: Command, is_seen: bool
) -> None:
    """Both before and after a run has seen the rename."""
    runs.run()
    acme = runs.company_id('acme')
    stranger = _reuse_login(runs, 'ACME', 'acme-corp')
    runs.settings = replace(runs.settings, companies=())
    if is_seen:
        runs.next_day()
        runs.run()
    named = {
        'WAREHOUSE_URL': runs.url,
        'GITHUB_API_URL': runs.simulator.url,
        'GITHUB_TOKEN': 'simulated-token',
    }
    done = command('track', 'Acme', **named)
    assert done.stdout.splitlines()[-1] == 'ACME: tracked'
    runs.next_day()
    for login, company in (('acme', stranger.id), ('acme-corp', acme)):
        if login == 'acme-corp' and not is_seen:
            runs.run()
        (fetch,) = runs.run(login).companies
        assert fetch.account.account_id == company
    result = runs.run()
    assert {f.account.login for f in result.companies} == {
        'ACME',
        'ada',
        'acme-corp',
    }
    assert runs.query(_STATE, (acme,))[0] == (
        f'acme#{acme}',
        'acme-corp',
        True,
    )
    assert ('ACME', 'ACME', True) in runs.query(_STATE, (acme,))
    untracked = command('untrack', 'acme', **named)
    assert untracked.stdout.splitlines()[-1] == 'ACME: no longer tracked'
    assert runs.audit() == []


def test_an_unused_login_refers_to_its_former_owner(
    runs: Runs,
) -> None:
    runs.run()
    acme = runs.company_id('acme')
    runs.world.rename_account(acme, 'acme-corp')
    runs.next_day()
    runs.run()
    (fetch,) = runs.run('ACME').companies
    assert fetch.account.account_id == acme


def test_a_reused_login_refers_to_its_current_owner(
    runs: Runs,
) -> None:
    """The current login on GitHub takes precedence over the tracked one."""
    runs.run()
    acme, ada = runs.company_id('acme'), runs.company_id('ada')
    runs.world.rename_account(acme, 'acme-corp')
    runs.world.rename_account(ada, 'Acme')
    runs.next_day()
    assert len(runs.run().companies) == 2
    (fetch,) = runs.run('acme').companies
    assert fetch.account.account_id == ada
    with pytest.raises(UsageError, match='unused is not tracked'):
        runs.run('unused')


def test_migrating_separates_two_companies_under_one_login(
    runs: Runs,
) -> None:
    """Tracking a reused login once left both under one login."""
    runs.run()
    acme, ada = runs.company_id('acme'), runs.company_id('ada')
    runs.execute('drop index ingestion_state_login')
    runs.execute(
        "update ingestion_state set source = 'Ada' where source = 'acme'"
    )
    text = (MIGRATIONS / '0009.tracking_repairs.sql').read_text('utf-8')
    _, begins, rest = text.partition('-- of two companies')
    runs.execute(begins + rest.partition('comment on')[0])
    assert dict(
        runs.query('select company_id, source from ingestion_state')
    ) == {acme: f'Ada#{acme}', ada: 'ada'}
    runs.next_day()
    assert len(runs.run().companies) == 2


def test_a_deleted_company_is_untracked_by_its_id(
    runs: Runs, command: Command
) -> None:
    """A stranger has its login and is tracked under it."""
    runs.run()
    acme = runs.company_id('acme')
    for repository in runs.world.owned_by(acme):
        runs.world.vanish(repository.id)
    stranger = _reuse_login(runs, 'ACME', 'gone')
    runs.world.accounts.pop(acme)
    runs.settings = replace(runs.settings, companies=())
    runs.track('ACME')
    runs.next_day()
    (unread,) = runs.run().unread
    named = f'acme#{acme}'
    assert f'`github-warehouse untrack {named}`' in str(unread.error)
    done = command('untrack', named, WAREHOUSE_URL=runs.url)
    assert done.returncode == 0, done.stderr
    assert runs.query(
        'select company_id from companies where not is_tracked'
    ) == [(acme,)]
    result = runs.run()
    assert result.unread == []
    assert stranger.id in {f.account.account_id for f in result.companies}
