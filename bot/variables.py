"""Which environment variables a run's commands had: names, and a keyed digest of each value, so that a change shows.

The key is made from the bot's own secrets and is in no export. Who has the digests alone can not try values against
them; who asks the bot again after a change sees that it is one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from bot.hidden import for_commands

LENGTH = 32  # hex digits of a digest
# What differs from one shell, window or start of a machine to the next and says nothing about a deployment.
PASSING = frozenset({"PWD", "OLDPWD", "SHLVL", "_", "TERM", "COLUMNS", "LINES", "HOSTNAME", "SSH_TTY", "SSH_CLIENT",
                     "SSH_CONNECTION", "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID"})  # fmt: skip


def recorded(environment: Mapping[str, str], ours: Iterable[str], secret: str) -> dict[str, Any]:
    """{"key": which key made them, "digests": {name: digest}}, for the environment that commands get.

    `ours` are names of the bot's own settings. The same value has the same digest as long as `secret` is the same.
    """
    key = hmac.new(secret.encode(), b"release-bot environment variables", hashlib.sha256).digest()
    told = {name: value for name, value in for_commands(environment, ours).items() if name not in PASSING}
    digests = {
        name: hmac.new(key, f"{name}\0{value}".encode(errors="surrogateescape"), hashlib.sha256).hexdigest()[:LENGTH]
        for name, value in sorted(told.items())
    }
    return {"key": hashlib.sha256(key).hexdigest()[:8], "digests": digests}
