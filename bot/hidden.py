"""Which values of this process's environment nobody may read, and what of it commands may have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit

SHORTEST = 6  # a shorter value would blank out innocent words

# PWD and OLDPWD are folders, which stand in every trace of a command
_CALLED = re.compile(
    r"PASS|(?<!^)(?<!^OLD)PWD$|SECRET|TOKEN|KEY|CREDENTIAL|(?:^|_)AUTH(?:_|$)|DATABASE_URL|_DSN$", re.IGNORECASE
)
_WITH_LOGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/@\s]*:[^/@\s]+@")


def hidden_values(environment: Mapping[str, str], named: Iterable[str] = (), known: Iterable[str] = ()) -> list[str]:
    """What must be taken out of a command's output, the longest first.

    `named` are variables that the policy names, `known` secrets of our own. A variable counts too when its name or its
    value says that it is one. Each value stands here as it is, as a part of an address, and line by line.
    """
    wanted = set(named)
    values = list(known)
    values += [
        value
        for name, value in environment.items()
        if name in wanted or _CALLED.search(name) or _WITH_LOGIN.match(value)
    ]
    found = {form for value in values for form in _forms(value)}
    return sorted((form for form in found if len(form) >= SHORTEST), key=len, reverse=True)


def _forms(value: str) -> Iterable[str]:
    lines = [line.strip() for line in value.splitlines()]
    yield from (value.strip(), quote(value.strip(), safe=""), *lines)
    if "://" in value:
        try:
            password = urlsplit(value).password or ""
        except ValueError:  # no address after all
            return
        yield from (password, unquote(password))


def for_commands(environment: Mapping[str, str], ours: Iterable[str]) -> dict[str, str]:
    """The environment of commands: this process's own without our settings, which are secrets of the bot."""
    kept_back = {name.upper() for name in ours}
    return {
        name: value
        for name, value in environment.items()
        if name.upper() not in kept_back and not name.startswith(("RELEASE_BOT_", "RELEASE_STEP"))
    }
