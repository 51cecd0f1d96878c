"""Escape the characters of foreign text that a terminal would obey."""

import re

# Control characters (C0, DEL and C1), which terminals obey; line separators;
# bidirectional marks, which make text read differently from what it is
# (https://trojansource.codes); and lone surrogates, which cannot be encoded.
_UNPRINTABLE = re.compile(
    '[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]'
)


def printable(text: str) -> str:
    r"""Return the text with each such character escaped, as in `\u001b`.

    The result is one line. Within JSON it means the same.
    """
    return _UNPRINTABLE.sub(_escaped, text)


def _escaped(character: re.Match[str]) -> str:
    return f'\\u{ord(character[0]):04x}'
