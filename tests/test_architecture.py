"""Imports point one way: the arrows of the design."""

import ast
import re
from pathlib import Path

import pytest

import github_warehouse

PACKAGE = Path(github_warehouse.__file__).parent
LEAVES = {
    'config',
    'environment',
    'errors',
    'metrics',
    'model',
    'printable',
    'redact',
}
ALLOWED = {
    'alerts': {'warehouse'},
    'cli': {
        'alerts',
        'dashboards',
        'demo',
        'github',
        'ingest',
        'logs',
        'selection',
        'simulator',
        'terminal',
        'warehouse',
    },
    'dashboards': {'warehouse'},
    'demo': {'ingest', 'simulator', 'warehouse'},
    'ingest': {
        'company_reading',
        'fetch',
        'github',
        'logs',
        'plan',
        'selection',
        'warehouse',
    },
    'plan': {'warehouse'},
    'selection': {'github', 'warehouse'},
    'fetch': {'company_reading', 'github', 'languages', 'warehouse'},
    'company_reading': {'github', 'warehouse'},
    'languages': {'github', 'warehouse'},
    'github': set[str](),
    'warehouse': set[str](),
    'simulator': set[str](),
    'logs': set[str](),
    'terminal': set[str](),
    'config': set[str](),
    'environment': set[str](),
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
    'session': {'answers', 'client', 'limits', 'parse', 'tokens'},
    'client': {'answers', 'clock', 'deadline', 'gate', 'limits', 'tokens'},
    'deadline': set[str](),
    'gate': {'clock', 'tokens'},
    'answers': {'limits'},
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


def _files(room: str) -> list[Path]:
    folder = PACKAGE / room
    return (
        sorted(folder.rglob('*.py'))
        if folder.is_dir()
        else [PACKAGE / f'{room}.py']
    )


def _rooms(files: list[Path], prefix: str) -> set[str]:
    return {
        name.removeprefix(prefix).split('.')[0]
        for path in files
        for name in _imports(path)
        if name.startswith(prefix)
    }


@pytest.mark.parametrize('room', sorted(ALLOWED))
def test_a_room_knows_only_what_it_may(room: str) -> None:
    rooms = _rooms(_files(room), 'github_warehouse.') - {'__version__'}
    allowed = ALLOWED[room] | LEAVES | {room}
    if room in LEAVES:
        allowed = {'errors', 'printable', 'redact', room}
    if room == 'config':
        allowed |= {'environment'}
    assert rooms - allowed == set()


@pytest.mark.parametrize('module', sorted(WITHIN_GITHUB))
def test_within_github_the_arrows_point_to_the_session(module: str) -> None:
    rooms = _rooms(
        [PACKAGE / 'github' / f'{module}.py'], 'github_warehouse.github.'
    )
    assert rooms <= WITHIN_GITHUB[module]


def test_every_room_has_its_arrows_written_down() -> None:
    rooms = {
        path.stem
        for path in PACKAGE.iterdir()
        if path.suffix == '.py' or (path / '__init__.py').exists()
    }
    assert rooms - {'__init__', '__main__'} == set(ALLOWED)


def test_only_the_warehouse_knows_the_database() -> None:
    others = set(ALLOWED) - {'warehouse'}
    drivers = {
        room
        for room in others
        for path in _files(room)
        if any(n.startswith('psycopg2') for n in _imports(path))
    }
    assert drivers == set()


def test_only_github_metabase_and_the_webhook_are_spoken_with() -> None:
    clients = {
        room
        for room in ALLOWED
        for path in _files(room)
        if any(n.split('.')[0] == 'requests' for n in _imports(path))
    }
    assert clients == {'alerts', 'dashboards', 'github'}


def test_the_arrows_that_are_drawn_are_these() -> None:
    page = Path(__file__).parents[1] / 'docs' / 'architecture.md'
    drawn = re.findall(r'^    (\w+) --> (\w+)$', page.read_text('utf-8'), re.M)
    arrows = {(room, known) for room in ALLOWED for known in ALLOWED[room]}
    assert sorted(drawn) == sorted(arrows)
