"""Cut one page out of a GraphQL connection, by cursors that do not shift."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from graphql import GraphQLError

Item = TypeVar('Item')
Key = tuple[Any, Any]

CURSOR_PREFIX = b'cursor:v2:'


def page_of(
    items: list[tuple[Key, Item]],
    arguments: Mapping[str, Any],
    is_descending: bool,
    edge_of: Callable[[Item], dict[str, Any]],
) -> dict[str, Any]:
    """Return the fields of a connection.

    Items come with their sort key and id, in any order. A cursor holds
    those two, so that a page goes on where the last one ended, whatever
    has moved since: GitHub's own cursors hold the same.
    """
    ordered = sorted(items, key=lambda item: item[0], reverse=is_descending)
    kept = _between(ordered, arguments, is_descending)
    first, last = arguments.get('first'), arguments.get('last')
    cut = kept
    if first is not None:
        cut = cut[:first]
    elif last is not None:
        cut = cut[max(0, len(cut) - last) :]
    edges = [{'key': key, **edge_of(item)} for key, item in cut]
    return {
        'totalCount': len(ordered),
        'pageInfo': {
            'hasNextPage': bool(cut) and cut[-1] is not ordered[-1],
            'hasPreviousPage': bool(cut) and cut[0] is not ordered[0],
            'startCursor': cursor_of(cut[0][0]) if cut else None,
            'endCursor': cursor_of(cut[-1][0]) if cut else None,
        },
        'edges': edges,
        'nodes': [edge['node'] for edge in edges],
    }


def cursor_of(key: Key) -> str:
    """Return the opaque cursor of a sort key and id."""
    text = CURSOR_PREFIX + json.dumps(key, ensure_ascii=True).encode()
    return base64.b64encode(text).decode()


def _between(
    ordered: list[tuple[Key, Item]],
    arguments: Mapping[str, Any],
    is_descending: bool,
) -> list[tuple[Key, Item]]:
    after, before = arguments.get('after'), arguments.get('before')
    if after:
        low = _key_of(after)
        ordered = [
            item
            for item in ordered
            if (item[0] < low if is_descending else item[0] > low)
        ]
    if before:
        high = _key_of(before)
        ordered = [
            item
            for item in ordered
            if (item[0] > high if is_descending else item[0] < high)
        ]
    return ordered


def _key_of(cursor: str) -> Key:
    try:
        text = base64.b64decode(cursor, validate=True)
        if not text.startswith(CURSOR_PREFIX):
            raise ValueError(cursor)
        value, number = json.loads(text[len(CURSOR_PREFIX) :])
    except (binascii.Error, ValueError, TypeError) as error:
        raise _invalid_cursor(cursor) from error
    return (value, number)


def _invalid_cursor(cursor: str) -> GraphQLError:
    return GraphQLError(
        f'`{cursor}` does not appear to be a valid cursor.',
        extensions={'type': 'INVALID_CURSOR_ARGUMENTS'},
    )
