"""The release policy: `release_policy.toml` as frozen models, with every fault named in one go.

A policy is data: who may do what, what each release type needs, when trains leave, who is told. Unknown keys
are refused. A policy whose approvals nobody could give is refused (`policy_faults.py`). Secrets and addresses
are settings and never stand here. The strategy's tables are the source of the defaults in the shipped file.
"""

from __future__ import annotations

import copy
import hashlib
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from core.domain.policy_faults import Fault, faults_of, line_of
from core.domain.policy_model import Policy
from core.domain.policy_parts import (
    ROLE_NAMES,
    Act,
    Approval,
    ApprovalRules,
    Channels,
    EnvironmentRules,
    Freeze,
    Frozen,
    Noise,
    Person,
    Product,
    Role,
    RoleName,
    SignOff,
    Slug,
    Train,
    TypeRules,
)
from core.domain.policy_wording import where, worded
from core.errors import ReleaseBotError


class PolicyFaults(ReleaseBotError):
    """The release policy cannot be used."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(f) for f in self.faults))


def policy_hash(text: str) -> str:
    """The name of a policy: SHA-256 of its text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=16)  # it takes a tenth of a second, and the same text is read in several places
def parse_policy(text: str) -> Policy:
    """Read and check a policy text. Raises PolicyFaults with every fault and its line."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", 0) or _line_in(str(error))
        raise PolicyFaults([Fault("", f"this is not TOML: {error}", line)]) from None
    faults: list[Fault] = []
    try:
        read = Policy.model_validate({**raw, "hash": policy_hash(text)})
    except ValidationError as error:
        wrong = [(where(e), worded(e)) for e in error.errors()]
        faults = [Fault(_path(at), words, line_of(text, at)) for at, words in wrong]
        rest = _without(raw, [at for at, _ in wrong])
        faults += [f for f in _cross_faults(rest, text) if f.path not in {known.path for known in faults}]
        raise PolicyFaults(faults) from None
    policy = read.model_copy(update={"body": text})  # as it is: validated text would lose its last line break
    faults = list(faults_of(policy, text))
    if faults:
        raise PolicyFaults(faults)
    return policy


def _path(at: tuple[int | str, ...]) -> str:
    """`people.priya.emails, entry 1`: lists are counted from one, as people do."""
    return "".join(f", entry {step + 1}" if isinstance(step, int) else f".{step}" for step in at).lstrip(".")


def _without(raw: dict[str, Any], places: Iterable[tuple[int | str, ...]]) -> dict[str, Any]:
    """A copy without the entries that have the wrong shape, so that the rest can be looked at in the same go."""
    left = copy.deepcopy(raw)
    for place in places:
        here: Any = left
        for step in place[:-1]:
            here = here.get(step) if isinstance(here, dict) else None
        if isinstance(here, dict):
            here.pop(place[-1], None)
    return left


def _cross_faults(rest: dict[str, Any], text: str) -> list[Fault]:
    """The faults that the shape does not show; none when what is left cannot be read as a policy."""
    try:
        return list(faults_of(Policy.model_validate({**rest, "serial": rest.get("serial", 1)}), text))
    except ValidationError:
        return []


def _line_in(message: str) -> int:
    digits = message.partition("at line ")[2].split(",")[0].rstrip(")")
    return int(digits) if digits.isdigit() else 0


__all__ = [
    "ROLE_NAMES",
    "Act",
    "Approval",
    "ApprovalRules",
    "Channels",
    "EnvironmentRules",
    "Fault",
    "Freeze",
    "Frozen",
    "Noise",
    "Person",
    "Policy",
    "PolicyFaults",
    "Product",
    "Role",
    "RoleName",
    "SignOff",
    "Slug",
    "Train",
    "TypeRules",
    "parse_policy",
    "policy_hash",
]
