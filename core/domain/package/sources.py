"""What a package is made of, as it was read from the store in one go; nothing here is cleaned yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything about one release.

    `record` and `facts` are the release as stored. `decisions` are all signatures ever given, `results` what was
    reported for any of its commits, `runs` its deployments with their attempts under "attempts" and the run before in
    the same environment under "before". `logs` are texts by name, `expired` what retention has deleted. `entries` and
    `anchors` are the trail, `policies` the texts of the policies it was under by their hash, `documents` what was
    filed away when it was closed, `people` the names and `titles` the roles of the newest of those policies.
    """

    release: int
    record: Json
    facts: Json
    policy: str
    decisions: Sequence[Json] = ()
    results: Sequence[Json] = ()
    runs: Sequence[Json] = ()
    logs: Mapping[str, str] = field(default_factory=dict)
    expired: Mapping[str, Json] = field(default_factory=dict)
    hold: Json | None = None
    notes: str = ""
    entries: Sequence[Json] = ()
    anchors: Sequence[Json] = ()
    policies: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
