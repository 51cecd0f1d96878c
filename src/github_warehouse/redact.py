"""Keep secrets out of every message: errors, log lines, the run log."""

import json
import re
from urllib.parse import quote

# https://docs.github.com/en/authentication, "GitHub's token formats". Tokens
# of Apps, ghs_APPID_JWT, have dots and hyphens. A token directly after an
# escape, as in '\\nghp_' or '%20ghp_', matches too.
_TOKEN = re.compile(
    r'(?:(?<![A-Za-z0-9])|(?<=\\[a-z])|(?<=%[0-9A-Fa-f]{2}))'
    r'(?:gh[a-z]_|github_pat_)[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*'
)
# Passwords of any length in URLs and libpq parameters, except the placeholder
# PASSWORD in our own messages.
_PASSWORDS = (
    re.compile(r'(?<=://)([^\s:/@"]*:)(?!PASSWORD@)[^\s/"]*(?=@)'),
    re.compile(r'(password=)(?:\'[^\']*\'|[^\s&"]+)', re.IGNORECASE),
)
_HIDDEN = '[secret]'
# Replacing shorter secrets would hide parts of ordinary words.
_SHORTEST = 8

_secrets: set[str] = set()


def keep_secret(value: str | None) -> None:
    """Register a secret that no message may show from now on.

    It is redacted as written and as URLs, JSON and Python escape it. A secret
    of fewer than eight characters could be part of any word, so it is redacted
    only in URLs and libpq parameters.
    """
    if value is not None and len(value) >= _SHORTEST:
        escaped = (json.dumps(value), json.dumps(value, ensure_ascii=False))
        _secrets.update(
            (value, quote(value, safe=''), *(text[1:-1] for text in escaped))
        )
        _secrets.add(repr(value)[1:-1])


def redact(text: str) -> str:
    """Replace secrets, and text that looks like a token or password."""
    # longest first: one secret may be part of another
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    for password in _PASSWORDS:
        text = password.sub(rf'\g<1>{_HIDDEN}', text)
    return _TOKEN.sub(_HIDDEN, text)


def looks_like_a_token(text: str) -> bool:
    """Return whether the text contains a GitHub token."""
    return _TOKEN.search(text) is not None
