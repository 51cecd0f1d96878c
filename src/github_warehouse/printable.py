"""Text from elsewhere is shown as text: no terminal acts upon it."""

import re

# Control characters (C0, DEL and C1), with which terminals are told to do
# something; line separators; marks that turn the reading direction round, so
# that one reads what is not there (https://trojansource.codes); and halves of
# characters, which cannot be written at all.
_UNPRINTABLE = re.compile(
    '[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]'
)


def printable(text: str) -> str:
    r"""Return the text with each such character as an escape, as `\u001b`.

    A text becomes one line. Within JSON the meaning stays the same.
    """
    return _UNPRINTABLE.sub(_escaped, text)


def _escaped(character: re.Match[str]) -> str:
    return f'\\u{ord(character[0]):04x}'
