"""Number the pages of a REST list, as GitHub's `Link` header does."""

import urllib.parse
from collections.abc import Mapping


def whole_parameter(
    parameters: Mapping[str, str], name: str, default: int
) -> int:
    """Return a positive whole number, or the default where it is none."""
    text = parameters.get(name, '')
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        return default
    return int(text) or default


def link_header(url: str, query: str, page: int, last: int) -> str:
    """Return the header in the order of recorded answers, or nothing.

    One page needs no header. The other parameters stay as the caller wrote
    them; `page` is added at the end.
    """
    if last == 1:
        return ''
    pages = []
    if page > 1:
        pages.append((min(page - 1, last), 'prev'))
    if page < last:
        pages += [(page + 1, 'next'), (last, 'last')]
    if page > 1:
        pages.append((1, 'first'))
    kept = [
        (name, value)
        for name, value in urllib.parse.parse_qsl(
            query, keep_blank_values=True
        )
        if name != 'page'
    ]
    return ', '.join(
        f'<{url}?{urllib.parse.urlencode([*kept, ("page", number)])}>; '
        f'rel="{relation}"'
        for number, relation in pages
    )
