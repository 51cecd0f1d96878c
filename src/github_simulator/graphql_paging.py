"""Pages of GraphQL connections, with cursors based on sort keys."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from graphql import GraphQLError

Item = TypeVar('Item')
Key = tuple[Any, Any]

CURSOR_PREFIX = b'cursor:v2:'


def make_page(
    items: list[tuple[Key, Item]],
    arguments: Mapping[str, Any],
    is_descending: bool,
    make_edge: Callable[[Item], dict[str, Any]],
) -> dict[str, Any]:
    """Return the fields of a connection.

    Items come with their sort key and id, in any order. Like GitHub's
    cursors, a cursor contains both, so the next page starts after the last
    item even if items have moved.
    """
    ordered = sorted(items, key=lambda item: item[0], reverse=is_descending)
    remaining = _between(ordered, arguments, is_descending)
    first, last = arguments.get('first'), arguments.get('last')
    page = remaining
    if first is not None:
        page = page[:first]
    elif last is not None:
        page = page[max(0, len(page) - last) :]
    edges = [{'key': key, **make_edge(item)} for key, item in page]
    return {
        'totalCount': len(ordered),
        'pageInfo': {
            'hasNextPage': bool(page) and page[-1] is not ordered[-1],
            'hasPreviousPage': bool(page) and page[0] is not ordered[0],
            'startCursor': encode_cursor(page[0][0]) if page else None,
            'endCursor': encode_cursor(page[-1][0]) if page else None,
        },
        'edges': edges,
        'nodes': [edge['node'] for edge in edges],
    }


def encode_cursor(key: Key) -> str:
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
        low = _decode_cursor(after)
        ordered = [
            item
            for item in ordered
            if (item[0] < low if is_descending else item[0] > low)
        ]
    if before:
        high = _decode_cursor(before)
        ordered = [
            item
            for item in ordered
            if (item[0] > high if is_descending else item[0] < high)
        ]
    return ordered


def _decode_cursor(cursor: str) -> Key:
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
