"""Secrets are kept out of every message: errors, log lines, the run log."""

import re

# https://docs.github.com/en/authentication, "GitHub's token formats"
_TOKEN = re.compile(r'\b(?:gh[a-z]_|github_pat_)[A-Za-z0-9_]{8,}')
_HIDDEN = '[secret]'
# What is shorter would hide words as well.
_SHORTEST = 8

_secrets: set[str] = set()


def keep_secret(value: str | None) -> None:
    """Remember a secret that no message may show from now on."""
    if value is not None and len(value) >= _SHORTEST:
        _secrets.add(value)


def redact(text: str) -> str:
    """Return the text without secrets, and without what looks like one."""
    for secret in _secrets:
        text = text.replace(secret, _HIDDEN)
    return _TOKEN.sub(_HIDDEN, text)


def looks_like_a_token(text: str) -> bool:
    """Tell whether somebody put a token where something else belongs."""
    return _TOKEN.search(text) is not None
