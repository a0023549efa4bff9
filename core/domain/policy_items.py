"""What is wrong with the checklist items of a policy: nobody owns one, nothing could meet one, or one is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.domain.evidence.model import KINDS
from core.domain.policy_model import Policy
from core.domain.policy_parts import RULE_NAMES, ItemEvent, SignOff
from core.domain.release import ReleaseType

Fault = tuple[tuple[str, ...], str]
# The events that may wait for a rule: before others it could never be met, or would say nothing.
_RULE_EVENTS: Mapping[str, tuple[ItemEvent, ...]] = {
    "milestone": ("begin", "ready", "go"),
    **dict.fromkeys(("features_merged", "branch_created", "version_written", "notes_drafted"), ("ready", "go")),
    **dict.fromkeys(("announced", "backup", "migrations", "code", "smoke_tests"), ("deployed",)),
    **dict.fromkeys(("notes_published", "bugs_triaged", "metrics_collected"), ("close",)),
}


def item_faults(policy: Policy) -> Iterator[Fault]:
    """Each fault with the path of what it is about."""
    for name, item in policy.signoffs.items():
        for key, message in _item(policy, item):
            yield ("signoffs", name, key), message


def _item(policy: Policy, item: SignOff) -> Iterator[tuple[str, str]]:
    role = policy.roles.get(item.role)
    if role is not None and not role.people and not role.group:
        yield "role", f"is held by nobody, so nobody could answer for it: {item.role}"
    known = {"evidence": KINDS, "automatic": RULE_NAMES, "sign-off": ("approval", "schema", "retrospective")}[item.met]
    what = {"evidence": "kind of evidence", "automatic": "rule", "sign-off": "way to meet a sign-off"}[item.met]
    if item.by not in known and (item.by or item.met != "sign-off"):
        yield "by", f"must name a known {what}, and is {item.by!r}; known are {', '.join(known)}"
    if item.by == "schema" and item.gate != "rollback":
        yield "gate", "must be \"rollback\" for what the schema tells about the way back"
    if item.by == "retrospective" and (item.gate, item.subject) != ("close", "release"):
        yield "gate", "must be \"close\", with subject = \"release\", for what the retrospective of the release meets"
    if item.met == "evidence" and item.subject != "content":
        yield "subject", "must be \"content\", because evidence is about one commit"
    if item.met == "evidence" and item.gate not in ("ready", "go"):
        yield "gate", "must be \"ready\" or \"go\", because evidence is about a candidate"
    gates = _RULE_EVENTS.get(item.by, ()) if item.met == "automatic" else ()
    if gates and item.gate not in gates:
        yield "gate", f"must be {' or '.join(gates)} for the rule {item.by}, which is met only then"
    if len(set(item.lists)) != len(item.lists):
        yield "lists", "names a list twice"


def unmet_tests(policy: Policy, kind: ReleaseType) -> Iterator[Fault]:
    """Each test that a type asks for is asked for by an item: of this name, or of this kind of evidence."""
    for test in policy.types[kind].tests:
        if not any(_asks_for(kind, name, item, test) for name, item in policy.signoffs.items()):
            yield (
                ("types", kind.value, "tests"),
                f'nothing can meet the test {test!r}: [signoffs."tests.{test}"] with gate = "ready" is missing, or an '
                f'item with met = "evidence" and by = "{test}"',
            )


def _asks_for(kind: ReleaseType, name: str, item: SignOff, test: str) -> bool:
    meant = name == f"tests.{test}" or (item.met == "evidence" and item.by == test)
    return meant and item.gate in ("ready", "go") and kind in item.types
