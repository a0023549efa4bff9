"""The policy's table about evidence: who may report which kinds, and from where on a result fails. May be left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from core.domain.evidence.model import CLI, HOST, PERSON, Kind
from core.domain.evidence.reading import Thresholds
from core.domain.policy_parts import Frozen, Slug


class EvidenceSource(Frozen):
    """What one source may report; a source is the name before a token in EVIDENCE_TOKENS."""

    kinds: tuple[Kind, ...] = Field(min_length=1)


class EvidenceRules(Frozen):
    """`sources` empty: every token may report every kind. `machines_only` are kinds that no person may state.

    `coverage` is the least share of lines in percent, `findings` the level from which on a finding fails a scan.
    """

    sources: Mapping[Slug, EvidenceSource] = {}
    machines_only: tuple[Kind, ...] = ()
    coverage: float = Field(default=0.0, ge=0, le=100)
    findings: Literal["error", "warning", "note"] = "error"

    @field_validator("sources")
    @classmethod
    def _no_name_of_ours(cls, value: Mapping[str, EvidenceSource]) -> Mapping[str, EvidenceSource]:
        taken = sorted({PERSON, HOST, CLI} & set(value))
        if taken:
            raise ValueError(f"{taken[0]} cannot be the name of a source: the bot calls others so")
        return value

    def allows(self, source: str, kind: str) -> bool:
        """Whether a token's source may report this kind."""
        known = self.sources.get(source)
        return not self.sources or (known is not None and kind in known.kinds)

    def kinds_of(self, source: str) -> tuple[str, ...]:
        """What a source may report, for an answer; empty when the policy does not name it."""
        return self.sources[source].kinds if source in self.sources else ()

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.coverage, self.findings)
