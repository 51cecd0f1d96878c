"""Page parameters and the `Link` header of REST lists."""

import urllib.parse
from collections.abc import Mapping

PER_PAGE_DEFAULT = 30
PER_PAGE_MAX = 100


def positive_parameter(
    parameters: Mapping[str, str], name: str, default: int
) -> int:
    """Return a parameter, or the default if it is not a positive integer."""
    text = parameters.get(name, '')
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        return default
    return int(text) or default


def link_header(url: str, query: str, page: int, last: int) -> str:
    """Return the header, in the order of recorded responses.

    It is empty if there is only one page. Other parameters of the query are
    kept; `page` is added at the end.
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
