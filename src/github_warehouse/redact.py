"""Secrets are kept out of every message: errors, log lines, the run log."""

import json
import re
from urllib.parse import quote

# https://docs.github.com/en/authentication, "GitHub's token formats". Tokens
# of Apps, ghs_APPID_JWT, have dots and hyphens. A token right after an escape,
# as in '\\nghp_' or '%20ghp_', is found as well.
_TOKEN = re.compile(
    r'(?:(?<![A-Za-z0-9])|(?<=\\[a-z])|(?<=%[0-9A-Fa-f]{2}))'
    r'(?:gh[a-z]_|github_pat_)[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*'
)
# Passwords in URLs and libpq parameters, however short, but for the PASSWORD
# in messages that say what to write.
_PASSWORDS = (
    re.compile(r'(?<=://)([^\s:/@"]*:)(?!PASSWORD@)[^\s/"]*(?=@)'),
    re.compile(r'(password=)(?:\'[^\']*\'|[^\s&"]+)', re.IGNORECASE),
)
_HIDDEN = '[secret]'
# What is shorter would hide words as well.
_SHORTEST = 8

_secrets: set[str] = set()


def keep_secret(value: str | None) -> None:
    """Remember a secret that no message may show from now on.

    It is hidden as it is, and as URLs, JSON and Python escape it. A secret of
    fewer than eight characters could be part of any word, so it is hidden only
    in URLs and parameters.
    """
    if value is not None and len(value) >= _SHORTEST:
        escaped = (json.dumps(value), json.dumps(value, ensure_ascii=False))
        _secrets.update(
            (value, quote(value, safe=''), *(text[1:-1] for text in escaped))
        )
        _secrets.add(repr(value)[1:-1])


def redact(text: str) -> str:
    """Return the text without secrets, and without what looks like one."""
    # longest first: one secret may be part of another
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    for password in _PASSWORDS:
        text = password.sub(rf'\g<1>{_HIDDEN}', text)
    return _TOKEN.sub(_HIDDEN, text)


def looks_like_a_token(text: str) -> bool:
    """Tell whether somebody put a token where something else belongs."""
    return _TOKEN.search(text) is not None
