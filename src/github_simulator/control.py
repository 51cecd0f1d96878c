"""Let another process steer the simulator, below `/_simulator/`."""

import json
import re
from typing import Any

from github_simulator.errors import SimulatorError
from github_simulator.exchange import (
    Answer,
    Request,
    not_found,
    refusal,
)
from github_simulator.faults import Fault
from github_simulator.service import Service

PREFIX = '/_simulator/'


def answer(request: Request, service: Service) -> Answer:
    """Return the answer; these requests are neither counted nor limited."""
    call = f'{request.method} {request.path.removeprefix(PREFIX)}'
    try:
        with service.world.lock:
            return _answer(call, request, service)
    except (SimulatorError, TypeError, ValueError, re.error) as error:
        return refusal(400, str(error))


def _answer(call: str, request: Request, service: Service) -> Answer:
    if call == 'GET state':
        return Answer(data=service.world.truth())
    if call == 'GET requests':
        return Answer(data=dict(service.requests))
    if call == 'POST requests/reset':
        service.requests.clear()
        return Answer(data={})
    if call == 'DELETE faults':
        service.faults.clear()
        return Answer(data={})
    if call == 'POST advance':
        changes = service.world.advance(_body(request).get('days', 1))
        kinds: dict[str, int] = {}
        for change in changes:
            kinds[change.kind] = kinds.get(change.kind, 0) + 1
        today = service.world.today.isoformat()
        return Answer(data={'today': today, 'changes': kinds})
    if call == 'POST faults':
        fields = _body(request)
        for path in ('null_path', 'path'):
            fields[path] = tuple(fields.get(path, ()))
        service.faults.add(Fault(**fields))
        return Answer(data={})
    return not_found()


def _body(request: Request) -> dict[str, Any]:
    body = json.loads(request.body or b'{}')
    if not isinstance(body, dict):
        raise ValueError('a JSON object is needed')
    return body
