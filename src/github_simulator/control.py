"""Control the simulator from other processes, below `/_simulator/`."""

import json
import re
from typing import Any

from github_simulator.errors import SimulatorError
from github_simulator.faults import Fault
from github_simulator.http_messages import (
    Request,
    Response,
    error_response,
    not_found,
)
from github_simulator.service import Service

PREFIX = '/_simulator/'


def respond(request: Request, service: Service) -> Response:
    """Handle a request, which is neither counted nor rate limited."""
    call = f'{request.method} {request.path.removeprefix(PREFIX)}'
    try:
        with service.world.lock:
            return _handle(call, request, service)
    except (SimulatorError, TypeError, ValueError, re.error) as error:
        return error_response(400, str(error))


def _handle(call: str, request: Request, service: Service) -> Response:
    if call == 'GET state':
        return Response(data=service.world.truth())
    if call == 'GET requests':
        return Response(data=dict(service.requests))
    if call == 'POST requests/reset':
        service.requests.clear()
        return Response(data={})
    if call == 'DELETE faults':
        service.faults.clear()
        return Response(data={})
    if call == 'POST advance':
        changes = service.world.advance(_body(request).get('days', 1))
        kinds: dict[str, int] = {}
        for change in changes:
            kinds[change.kind] = kinds.get(change.kind, 0) + 1
        today = service.world.today.isoformat()
        return Response(data={'today': today, 'changes': kinds})
    if call == 'POST faults':
        fields = _body(request)
        for path in ('null_path', 'path'):
            fields[path] = tuple(fields.get(path, ()))
        service.faults.add(Fault(**fields))
        return Response(data={})
    return not_found()


def _body(request: Request) -> dict[str, Any]:
    body = json.loads(request.body or b'{}')
    if not isinstance(body, dict):
        raise ValueError('the body must be a JSON object')
    return body
