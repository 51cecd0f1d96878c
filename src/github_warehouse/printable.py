"""Text for people: unsafe characters escaped, counts with their noun."""

import re

# Control characters (C0, DEL and C1), which terminals execute; line
# separators; bidirectional marks, which change the order in which text is
# displayed (https://trojansource.codes); lone surrogates, which UTF-8 cannot
# encode.
_UNPRINTABLE = re.compile(
    '[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]'
)


def printable(text: str) -> str:
    r"""Return the text with unsafe characters escaped, as in `\u001b`.

    The result is one line. Inside a JSON string it means the same text.
    """
    return _UNPRINTABLE.sub(_escape, text)


def counted(count: int, one: str, many: str) -> str:
    """Return a count and its noun, as in `1 company` or `2 companies`."""
    return f'{count:,} {one if count == 1 else many}'


def _escape(character: re.Match[str]) -> str:
    return f'\\u{ord(character[0]):04x}'
