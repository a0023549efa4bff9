"""What differs between two policies, rule by rule and in plain words; comments and the order of lines do not count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.policy_model import Policy

# The tables whose entries are one rule each; of the others each key is one.
_ENTRIES = ("people", "roles", "signoffs", "environments", "duties")
_OF_TYPES = {
    "approvals": "approved by",
    "tests": "tested by",
    "go": "sent to production by",
    "authors_may_not_approve": "authors may not approve",
    "notice_days": "days of notice",
    "window_minutes": "minutes of its own window",
}
_SECTIONS = {
    "permissions": "who may",
    "override": "break-glass,",
    "signoffs": "the item",
    "people": "the person",
    "roles": "the role",
    "trains": "the train",
    "freezes": "the freezes",
    "noise": "in the channel,",
    "digests": "of the digests,",
}
_NO_RULE = ("hash", "body", "serial")


@dataclass(frozen=True, slots=True)
class Changed:
    """One rule that differs; "" where one of the two does not have it. `path` is its place in the file."""

    path: tuple[str, ...]
    rule: str
    before: str
    after: str


def differing(old: Policy, new: Policy) -> tuple[Changed, ...]:
    """The rules that differ, in the order of the new policy, then those that are gone."""
    before, after = dict(_rules(old)), dict(_rules(new))
    paths = [*after, *(p for p in before if p not in after)]
    return tuple(
        Changed(p, _title(p, old, new), _words(before.get(p), old, p), _words(after.get(p), new, p))
        for p in paths
        if before.get(p) != after.get(p)
    )


def _rules(policy: Policy) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each rule by its place, with its value as plain data."""
    for section, value in policy.model_dump(mode="json", by_alias=True).items():
        if section in _NO_RULE:
            continue
        if not isinstance(value, Mapping):
            yield (section,), value
            continue
        for name, entry in value.items():
            if section in _ENTRIES or not isinstance(entry, Mapping):
                yield (section, str(name)), entry
                continue
            yield from (((section, str(name), str(key)), one) for key, one in entry.items())


def _title(path: tuple[str, ...], old: Policy, new: Policy) -> str:
    """`A minor release is approved by`, `who may go`, `the item QA sign-off on staging`."""
    section, rest = path[0], path[1:]
    if section == "types":
        return f"a {rest[0]} release: {_OF_TYPES.get(rest[1], rest[1].replace('_', ' '))}"
    if section == "signoffs":
        item = new.signoffs.get(rest[0]) or old.signoffs[rest[0]]
        return f"the item “{item.title}”"
    if section == "roles":
        return f"the role {new.title(rest[0]) if rest[0] in new.roles else old.title(rest[0])}"
    head = _SECTIONS.get(section, section.replace("_", " "))
    return " ".join((head, *(part.replace("_", " ") for part in rest)))


def _words(value: Any, policy: Policy, path: tuple[str, ...]) -> str:
    if value is None:
        return ""
    if path[0] == "signoffs":
        return _item(policy, path[1])
    if path[0] == "roles":
        role = policy.roles[path[1]]  # type: ignore[index]
        return ", ".join(policy.people[p].name for p in role.people if p in policy.people) or f"the group {role.group}"
    if path[0] == "types" and path[2] == "approvals":
        seats = (f"{a['count']} x {policy.title(a['role'])}" if a["count"] > 1 else policy.title(a["role"])
                 for a in value)  # fmt: skip
        return " and ".join(seats)
    return _plain(value, policy) or "nothing"


def _item(policy: Policy, name: str) -> str:
    item = policy.signoffs[name]
    met = {"evidence": f"by evidence {item.by}", "automatic": f"by itself ({item.by})"}.get(item.met, "by a signature")
    if item.met == "sign-off" and item.by == "approval":
        met = "by the approval of the role"
    kinds = ", ".join(k.value for k in item.types)
    more = [f"on the {' and the '.join(item.lists)} list"] if item.lists else []
    more += ["after staging"] if item.after_staging else []
    return "; ".join((f"before {item.gate}, {met}, owned by {policy.title(item.role)}, for {kinds}", *more))


def _plain(value: Any, policy: Policy) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        said = {str(k).replace("_", " "): v for k, v in value.items() if v not in ("", None)}
        return "; ".join(f"{key} {_plain(v, policy)}" for key, v in said.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plain(v, policy) for v in value)
    return policy.title(str(value))
