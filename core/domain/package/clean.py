"""Nothing secret in an export: every text passes here, whatever it is a part of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.secrets import REMOVED, redact, redact_link

HELD_IN = ("password", "passwd", "secret", "token", "credential")
_DIGEST = re.compile("[0-9a-f]{32}")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,100}")
KEYED = "digests"  # of environment variables by their names: they prove a change of a secret and do not tell it
SHORTEST = 6  # a shorter known value would blank out innocent words


@dataclass(slots=True)
class Cleaner:
    """Takes secrets out and counts them. `known` are values that are secret wherever they stand, `hosts` patterns of
    names of machines that nobody outside may read."""

    known: Sequence[str] = ()
    hosts: Sequence[str] = ()
    count: int = 0

    def text(self, text: str) -> str:
        for value in self.known:
            if len(value) >= SHORTEST and value in text:
                self.count += text.count(value)
                text = text.replace(value, REMOVED)
        if text.startswith(("https://", "http://")) and " " not in text:
            shown = redact_link(text)
            self.count += shown != text
            text = shown
        shown, found = redact(text, self.hosts)
        self.count += found
        return shown

    def policy(self, text: str) -> str:
        """A policy, word for word where it holds no secret: mails of its people are none, and its name is its hash."""
        masked = _MAIL.sub("somebody", text)
        aside = Cleaner(self.known, self.hosts)
        return text if aside.text(masked) == masked else self.text(text)

    def data(self, data: Any, name: str = "") -> Any:
        """JSON data, its keys too; a plain value that stands under the name of a secret is one."""
        if isinstance(data, str):
            if data and any(word in name.casefold() for word in HELD_IN):
                self.count += data != REMOVED
                return REMOVED
            return self.text(data)
        if isinstance(data, Mapping):
            under = {key: "" if name == KEYED and _is_digest(value) else str(key) for key, value in data.items()}
            return {self.text(str(key)): self.data(value, under[key]) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.data(value, name) for value in data]
        return data


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None
