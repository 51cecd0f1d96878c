"""Skipped tests give a reason, and the end of a run counts them."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import support

TESTS = Path(__file__).parent
_EXAMPLES = """
import pytest

@pytest.mark.parametrize('number', range(3))
def test_skipped_for_an_engine(number):
    pytest.skip('needs Docker: the engine does not answer')

@pytest.mark.skipif(True, reason='needs openssl: not installed')
def test_skipped_for_a_certificate():
    raise AssertionError

def test_that_runs():
    pass
"""


@pytest.mark.parametrize('processes', ['0', '2'])
def test_the_end_counts_the_skipped_tests_by_reason(
    tmp_path: Path, processes: str
) -> None:
    (tmp_path / 'test_examples.py').write_text(_EXAMPLES)
    paths = os.pathsep.join((str(TESTS), str(TESTS.parent)))
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-p', 'conftest']
        + ['--numprocesses', processes, '--rootdir', str(tmp_path)]
        + ['--color', 'no'],
        cwd=tmp_path,
        env=os.environ | {'PYTHONPATH': paths},
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = filter(None, done.stdout.splitlines())
    *_, title, first, second, last = lines
    assert title.strip('=') == ' 4 skipped '
    assert [first, second] == [
        '    3  needs Docker: the engine does not answer',
        '    1  needs openssl: not installed',
    ]
    assert '1 passed, 4 skipped' in last


def _reasons(path: Path) -> Iterator[str]:
    """Yield the skip reasons in a file, including constants of `support`."""
    for call in ast.walk(ast.parse(path.read_text('utf-8'))):
        if not isinstance(call, ast.Call):
            continue
        called = ast.unparse(call.func)
        given = {each.arg: each.value for each in call.keywords}
        if called == 'pytest.skip':
            reason = call.args[0]
        elif called in ('pytest.mark.skipif', 'pytest.importorskip'):
            reason = given['reason']
        else:
            continue
        yield str(eval(ast.unparse(reason), vars(support)))


def test_every_skip_gives_its_reason() -> None:
    reasons = [x for path in TESTS.rglob('*.py') for x in _reasons(path)]
    assert len(reasons) > 10
    assert [x for x in reasons if not re.match('needs .+: ', x)] == []
