"""Imports point in one direction, as in docs/architecture.md."""

import ast
import re
from pathlib import Path

import pytest

import github_simulator
import github_warehouse

PACKAGE = Path(github_warehouse.__file__).parent
SIMULATOR = Path(github_simulator.__file__).parent
LEAVES = {
    'config',
    'environment',
    'errors',
    'logins',
    'metrics',
    'model',
    'printable',
    'redact',
}
ALLOWED = {
    'alerts': {'outage_alerts', 'warehouse', 'webhook'},
    'outage_alerts': {'warehouse', 'webhook'},
    'webhook': {'github'},
    'cli': {
        'alerts',
        'outage_alerts',
        'dashboards',
        'demo',
        'github',
        'companies',
        'github_simulator',
        'ingest',
        'logs',
        'preconditions',
        'run_result',
        'terminal',
        'warehouse',
    },
    'dashboards': {'warehouse'},
    'demo': {'github_simulator', 'ingest', 'run_result', 'warehouse'},
    'ingest': {
        'alerts',
        'company_reader',
        'github',
        'preconditions',
        'run',
        'run_result',
        'warehouse',
    },
    'run': {
        'company_reader',
        'fetch',
        'github',
        'logs',
        'plan',
        'preconditions',
        'removals',
        'run_result',
        'selection',
        'warehouse',
    },
    'run_result': {'warehouse'},
    'selection': {'companies', 'github', 'warehouse'},
    'plan': {'warehouse'},
    'preconditions': {'github', 'warehouse'},
    'companies': {'github', 'warehouse'},
    'confirm': {'company_reader', 'github', 'lookup', 'warehouse'},
    'fetch': {
        'company_reader',
        'confirm',
        'github',
        'languages',
        'plan',
        'removals',
        'warehouse',
    },
    'removals': {'company_reader', 'lookup'},
    'lookup': {'company_reader', 'github'},
    'company_reader': {'github', 'plan', 'warehouse'},
    'languages': {'github', 'warehouse'},
    'github': set[str](),
    'warehouse': set[str](),
    'logs': set[str](),
    'terminal': set[str](),
    'config': set[str](),
    'environment': set[str](),
    'logins': set[str](),
    'errors': set[str](),
    'metrics': set[str](),
    'model': set[str](),
    'printable': set[str](),
    'redact': set[str](),
}
WITHIN_GITHUB = {
    'source': {'rest', 'graphql', 'session', 'client'},
    'graphql': {'accounts', 'answers', 'fields', 'nodes', 'pages', 'parse'}
    | {'records', 'session'},
    'fields': set[str](),
    'rest': {'accounts', 'pages', 'parse', 'records', 'session'},
    'pages': {'answers', 'nodes', 'parse'},
    'nodes': {'fields', 'parse'},
    'records': {'accounts', 'parse', 'session'},
    'accounts': {'parse', 'session'},
    'budgets': {'client', 'limits', 'parse', 'session'},
    'parse': set[str](),
    'session': {'answers', 'client', 'parse', 'retries', 'tokens', 'urls'},
    'retries': {'answers', 'limits'},
    'urls': set[str](),
    'client': {
        'answers',
        'clock',
        'clock_offset',
        'limits',
        'rate_limiter',
        'tokens',
        'transport',
    },
    'transport': {'answers', 'deadline', 'tokens'},
    'clock_offset': {'limits'},
    'deadline': set[str](),
    'rate_limiter': {'clock', 'tokens'},
    'answers': {'limits', 'parse'},
    'limits': set[str](),
    'clock': set[str](),
    'tokens': set[str](),
}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text('utf-8'))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f'{node.module}.{alias.name}' for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def _files(package: str) -> list[Path]:
    """Return the files of a package, or of a top-level module."""
    folder = PACKAGE / package
    return (
        sorted(folder.rglob('*.py'))
        if folder.is_dir()
        else [PACKAGE / f'{package}.py']
    )


def _imported(files: list[Path], prefix: str) -> set[str]:
    """Return the first name after the prefix of every import."""
    return {
        name.removeprefix(prefix).split('.')[0]
        for path in files
        for name in _imports(path)
        if name.startswith(prefix)
    }


def _imports_simulator(path: Path) -> bool:
    return any(n.split('.')[0] == 'github_simulator' for n in _imports(path))


@pytest.mark.parametrize('package', sorted(ALLOWED))
def test_a_package_imports_only_allowed_packages(package: str) -> None:
    files = _files(package)
    imported = _imported(files, 'github_warehouse.') - {'__version__'}
    if any(_imports_simulator(path) for path in files):
        imported.add('github_simulator')
    allowed = ALLOWED[package] | LEAVES | {package}
    if package in LEAVES:
        allowed = {'errors', 'printable', 'redact', package}
    if package == 'config':
        allowed |= {'environment', 'logins'}
    assert imported - allowed == set()


def test_only_the_demo_and_simulate_commands_import_the_simulator() -> None:
    importers = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob('*.py')
        if _imports_simulator(path)
    }
    assert importers == {'cli/simulate_command.py', 'demo.py'}


def test_the_simulator_imports_only_the_metrics_of_the_warehouse() -> None:
    """It serves the declared fields, but defines their values itself."""
    imported = {
        name
        for path in SIMULATOR.rglob('*.py')
        for name in _imports(path)
        if name.split('.')[0] == 'github_warehouse'
    }
    assert imported == {
        'github_warehouse.metrics',
        'github_warehouse.metrics.METRICS',
        'github_warehouse.metrics.Metric',
    }


@pytest.mark.parametrize('module', sorted(WITHIN_GITHUB))
def test_imports_within_github_point_to_the_session(module: str) -> None:
    imported = _imported(
        [PACKAGE / 'github' / f'{module}.py'], 'github_warehouse.github.'
    )
    assert imported <= WITHIN_GITHUB[module]


def test_every_package_has_declared_imports() -> None:
    packages = {
        path.stem
        for path in PACKAGE.iterdir()
        if path.suffix == '.py' or (path / '__init__.py').exists()
    }
    assert packages - {'__init__', '__main__'} == set(ALLOWED)


def test_only_the_warehouse_imports_the_database_driver() -> None:
    others = set(ALLOWED) - {'warehouse'}
    drivers = {
        package
        for package in others
        for path in _files(package)
        if any(n.startswith('psycopg2') for n in _imports(path))
    }
    assert drivers == set()


def test_only_github_metabase_and_the_webhook_send_requests() -> None:
    clients = {
        package
        for package in ALLOWED
        for path in _files(package)
        if any(n.split('.')[0] == 'requests' for n in _imports(path))
    }
    assert clients == {'dashboards', 'github', 'webhook'}


def test_the_drawn_arrows_match_the_imports() -> None:
    page = Path(__file__).parents[1] / 'docs' / 'architecture.md'
    drawn = re.findall(r'^    (\w+) --> (\w+)$', page.read_text('utf-8'), re.M)
    arrows = {
        (package, imported)
        for package in ALLOWED
        for imported in ALLOWED[package]
    }
    assert sorted(drawn) == sorted(arrows)
