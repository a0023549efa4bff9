"""What an event changes, as data: the new release, signatures, environments, effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any, get_args

from core.domain.checklist import stood_in
from core.domain.effects import CLICK, Effect, post
from core.domain.evidence.model import Evidence
from core.domain.manifest import Manifest
from core.domain.release import Decision, Environment, GitWork, Release, Stray
from core.domain.repository import GitOrder, Prepare
from core.domain.retrospective import ActionItem
from core.domain.situation import Act, Situation

NOBODY = Act("", "report")  # what happens by itself is said by nobody


@dataclass(frozen=True, slots=True)
class Outcome:
    """`sign` are new signatures, `withdraw` those taken back; `notes` go to who asked, `record` to the audit."""

    release: Release
    effects: tuple[Effect, ...] = ()
    sign: tuple[Decision, ...] = ()
    withdraw: tuple[Decision, ...] = ()
    environments: tuple[Environment, ...] = ()
    strays: tuple[Stray, ...] = ()  # answered for
    evidence: tuple[Evidence, ...] = ()  # that a person states
    actions: tuple[ActionItem, ...] = ()  # action items of the product that are new or changed
    notes: Mapping[str, object] = field(default_factory=dict)
    record: Mapping[str, object] = field(default_factory=dict)
    anchor: bool = False  # publish an audit anchor with this event


def thread(moment: str, act: Act, **data: Any) -> Effect:
    """A line in the release's thread: who did it, why, and the facts (added when the unit is saved)."""
    return post("thread", moment, CLICK if act.actor else 1, actor=act.actor, reason=act.reason, **data)


def content_digest(release: Release, manifest: Manifest) -> str:
    """What an approval is given for: all parts of the content, for this product, type and policy. SHA-256, hex."""
    return manifest.digest(release.product, release.type.value, release.policy_hash)


def order_json(order: GitOrder) -> dict[str, object]:
    """A git order as JSON, with its class name under `is`; what is empty is left out: older readers may not know it."""
    return {"is": type(order).__name__} | _fields_json(order)


def order_of(data: Mapping[str, Any]) -> GitOrder:
    """The order back from its JSON. Raises KeyError for an unknown one."""
    fields = {name: _tuples(value) for name, value in data.items() if name != "is"}
    fields["made_at"] = datetime.fromisoformat(str(fields["made_at"]))
    if fields.get("prepare") is not None:
        fields["prepare"] = Prepare(**fields["prepare"])
    return _ORDERS[data["is"]](**fields)  # type: ignore[no-any-return]


_ORDERS: Mapping[str, Any] = {kind.__name__: kind for kind in get_args(GitOrder)}


def _fields_json(value: GitOrder | Prepare) -> dict[str, object]:
    given = [(f, getattr(value, f.name)) for f in dataclass_fields(value)]
    return {f.name: _value_json(item) for f, item in given if item or item != f.default}


def _value_json(value: Any) -> object:
    if isinstance(value, Prepare):
        return _fields_json(value)
    if isinstance(value, tuple):
        return [_value_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _tuples(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _tuples(item) for name, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def ask_git(
    s: Situation, release: Release, purpose: Any, order: GitOrder, actor: str, section: str = ""
) -> tuple[Release, Effect]:
    """Give git its work: planning first, publishing when the plan is stored."""
    number = s.release.git_asked + 1
    work = GitWork(purpose, actor, s.now, order_json(order), attempt=number, section=section)
    return replace(release, git=work, git_asked=number), Effect(
        "git.plan", "git", {"purpose": purpose, "order": work.order, "attempt": work.attempt}, CLICK
    )


def scope_effect(release: Release, head_branch: str) -> Effect:
    body = {"base": release.base_sha, "branch": head_branch, "frozen": release.frozen_sha}
    return Effect("scope.read", "git", body, CLICK)


def your_turn(s: Situation, gate: str, *, after_staging: bool | None = None) -> tuple[Effect, ...]:
    """One message to each person who owns a sign-off that waits for them now; `after_staging` picks among them."""
    found = [i for name, i in s.signoff_items(gate).items() if s.by_hand(i) and stood_in(s, name, i) is None]
    items = [i for i in found if after_staging is None or i.after_staging is after_staging]
    people = {p for item in items for p in s.called(item.role)}
    return tuple(Effect("slack.turn", f"dm:{p}", {"person": p, "gate": gate}, CLICK) for p in sorted(people))
