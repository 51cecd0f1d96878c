"""Select the fault for a request, and apply it to the real response."""

import copy
import fnmatch
import json
import re
from contextlib import suppress
from typing import Any

from github_simulator.faults import Fault
from github_simulator.http_messages import Request, Response
from github_simulator.rng import Rng


class FaultScript:
    """The faults of a simulator, in order; the first match is applied."""

    def __init__(self) -> None:
        self._faults: list[tuple[Fault, list[int]]] = []

    def add(self, *faults: Fault) -> None:
        """Append faults."""
        self._faults += [(fault, [0]) for fault in faults]

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def next(
        self, request: Request, kind: str, page_size: int
    ) -> Fault | None:
        """Count the request and return the fault for it, if any."""
        for fault, match_count in self._faults:
            if not _matches(fault, request, kind, page_size):
                continue
            match_count[0] += 1
            number = match_count[0]
            is_due = fault.first <= number and (
                fault.last is None or number <= fault.last
            )
            rng = Rng(fault.seed, 'fault', number)
            if is_due and rng.chance(fault.probability):
                return fault
        return None


def apply_fault(fault: Fault, response: Response, now: float) -> None:
    """Change a response as the fault says; `now` is in epoch seconds."""
    if fault.reset_in_seconds is not None:
        reset = str(int(now) + fault.reset_in_seconds)
        response.headers['X-RateLimit-Remaining'] = '0'
        response.headers['X-RateLimit-Reset'] = reset
    response.headers.update(fault.headers)
    for name in fault.removed_headers:
        response.headers.pop(name, None)
    if fault.raw is not None and response.data is not None:
        response.body = _replace_value(response.data, fault.path, fault.raw)
    if fault.error is not None and _has_data(response):
        _add_error(response.data, fault.error, fault.null_path)


def _matches(
    fault: Fault, request: Request, kind: str, page_size: int
) -> bool:
    if not fnmatch.fnmatchcase(kind, fault.kind):
        return False
    if fault.token is not None and fault.token != request.token:
        return False
    if page_size <= fault.page_size_above and fault.page_size_above:
        return False
    body = request.body.decode(errors='replace')
    text = f'{request.path}?{request.query}\n{body}'
    return re.search(fault.text, text) is not None


def _add_error(
    answer: dict[str, Any],
    error: dict[str, Any],
    null_path: tuple[str | int, ...],
) -> None:
    """Add an error to a GraphQL answer and set the value at a path to null."""
    error = dict(error)
    if null_path:
        parent: Any = answer['data']
        for step in null_path[:-1]:
            parent = parent[step]
        parent[null_path[-1]] = None
        error['path'] = list(null_path)
    answer.setdefault('errors', []).append(error)


def _replace_value(data: Any, path: tuple[str | int, ...], raw: str) -> bytes:
    """Return JSON with the value at a path replaced by arbitrary text.

    The JSON is unchanged if the path does not exist.
    """
    root = [copy.deepcopy(data)]
    parent: Any = root
    *steps, last = 0, *path
    placeholder = '(rewritten)'
    with suppress(LookupError, TypeError):
        for step in steps:
            parent = parent[step]
        parent[last] = placeholder
    text = json.dumps(root[0], ensure_ascii=False, separators=(',', ':'))
    return text.replace(f'"{placeholder}"', raw).encode()


def _has_data(response: Response) -> bool:
    return isinstance(response.data, dict) and bool(response.data.get('data'))
