"""Under which heading a unit belongs, and by which rule: label, prefix, emoji, then plain words; sure, or None."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from core.domain.notes import message, words
from core.domain.notes.message import Head
from core.domain.notes.model import Heading, NotesRules

_HEADINGS = {
    Heading.FEATURES: "feat feature features",
    Heading.FIXES: "fix fixes fixed bugfix bugfixes bug hotfix",
    Heading.IMPROVEMENTS: "perf performance improve improvement improvements impr enhance enhancement enh ux a11y i18n "
    "l10n",
    Heading.SECURITY: "security sec",
    Heading.API: "api",
    Heading.CONFIG: "config conf configuration",
    Heading.HIDDEN: "docs doc documentation test tests testing build ci chore style deps dep refactor refact "
    "refactoring cleanup lint release infra tooling dev internal types typing bench benchmark",
}
_KIND = {word: heading for heading, listed in _HEADINGS.items() for word in listed.split()}
_MEANT = {
    "feat": "feature features",
    "fix": "fixes fixed bugfix bugfixes bug hotfix",
    "security": "sec",
    "docs": "doc documentation",
    "test": "tests testing",
    "deps": "dep",
    "perf": "performance",
    "improve": "improvement improvements impr enhance enhancement enh",
    "config": "conf configuration",
}
_SAME = {word: kind for kind, listed in _MEANT.items() for word in listed.split()}
KINDS = frozenset({*_KIND, "revert"})

_EMOJI = {
    Heading.FEATURES: "sparkles ✨ tada 🎉",
    Heading.FIXES: "bug 🐛 ambulance 🚑 adhesive_bandage 🩹",
    Heading.IMPROVEMENTS: "zap ⚡ lipstick 💄 children_crossing 🚸 wheelchair ♿ globe_with_meridians 🌐 racehorse 🐎",
    Heading.SECURITY: "lock 🔒 closed_lock_with_key 🔐",
    Heading.HIDDEN: "memo 📝 white_check_mark ✅ arrow_up ⬆ arrow_down ⬇ pushpin 📌 construction_worker 👷 "
    "green_heart 💚 recycle ♻ art 🎨 rotating_light 🚨 bookmark 🔖 test_tube 🧪 "
    "coffin ⚰ bulb 💡 pencil2 ✏ see_no_evil 🙈 "
    "twisted_rightwards_arrows 🔀",
}
_MARK = {name: heading for heading, names in _EMOJI.items() for name in names.split()}
_SECURE = re.compile(r"\[security\]\s*$", re.IGNORECASE)  # as the robots that update dependencies write it

_LABELS = {
    Heading.FIXES: "bug,bugs,bugfix,bug fix,fix,fixes,defect,regression,hotfix",
    Heading.FEATURES: "feature,features,enhancement,new feature,feat,feature request,major feature",
    Heading.IMPROVEMENTS: "improvement,improvements,performance,perf,ux,usability,accessibility,a11y,polish",
    Heading.SECURITY: "security,vulnerability,security fix,security update",
    Heading.API: "api,api change,api changes,public api",
    Heading.CONFIG: "config,configuration,configuration change,settings,environment",
}
_LABEL = {label: heading for heading, listed in _LABELS.items() for label in listed.split(",")}
_LEFT_OUT = {  # said on purpose, so they win over everything
    "skip changelog", "no changelog", "changelog skip", "ignore for release", "no release notes", "skip release notes",
    "internal", "release note none", "release notes none", "release notes skip", "not in notes", "no notes",
}  # fmt: skip
_INSIDE = {  # what they say counts when the title says nothing
    "documentation", "docs", "test", "tests", "testing", "ci", "build", "dependencies", "deps", "chore", "refactor",
    "refactoring", "maintenance", "tech debt", "cleanup", "github actions", "developer experience", "tooling",
    "infrastructure",
}  # fmt: skip
_BREAKING = {"breaking", "breaking change", "breaking changes", "semver major"}
_ASIDE = {  # label groups that say where, when or how large
    "area", "component", "comp", "module", "team", "scope", "priority", "size", "status", "lang", "prio", "os",
    "project",
}  # fmt: skip
_BRANCH = re.compile(r"^(fix|bugfix|hotfix|docs?|chore|refactor|tests?|ci|deps|dependabot|renovate)[/-]", re.IGNORECASE)

_ORDER = {
    Heading.SECURITY: 0,
    Heading.API: 1,
    Heading.FEATURES: 2,
    Heading.FIXES: 3,
    Heading.IMPROVEMENTS: 4,
    Heading.CONFIG: 5,
    None: 6,
    Heading.HIDDEN: 7,
}


class Verdict(NamedTuple):
    """A heading (None = not sure), the rule's code, and the conventional kind that it stands for."""

    heading: Heading | None = None
    why: str = ""
    kind: str = ""
    breaking: bool = False
    odd: bool = False

    @property
    def rank(self) -> tuple[bool, int]:
        """What leads among the commits of one pull request stands first."""
        return not self.breaking, _ORDER[self.heading]

    def is_fix(self, kinds: Iterable[str]) -> bool:
        return self.heading is Heading.FIXES or self.heading is Heading.SECURITY or self.kind in kinds


class Titled(Protocol):
    """What is classified: titles, newest first; `led` when the first of them speaks for all; a branch, or ""."""

    branch: str

    @property
    def led(self) -> bool: ...
    @property
    def titles(self) -> Sequence[str]: ...


def by_prefix(head: Head) -> Verdict | None:
    """What the form of one title says."""
    if head.rest.endswith("]") and _SECURE.search(head.rest):
        return Verdict(Heading.SECURITY, "mark:security", "security", head.breaking, head.odd)
    kind = _SAME.get(head.kind, head.kind)
    if kind in _KIND:
        heading, why = _KIND[kind], f"prefix:{kind}"
        if kind == "fix" and head.scope == "security":
            heading = Heading.SECURITY
        elif kind in ("api", "config"):  # also the name of a part of the product, in histories without prefixes
            told = words.guess(head.rest)
            if told and told[0] in (Heading.FIXES, Heading.HIDDEN):
                return Verdict(told[0], f"words:{told[1]}", told[1], head.breaking, head.odd)
        elif kind in ("chore", "build") and head.scope.startswith("deps"):
            kind = "deps"
        return Verdict(heading, why, kind, head.breaking, head.odd)
    if head.mark in _MARK:
        heading = _MARK[head.mark]
        kind = "fix" if heading is Heading.FIXES else "feat" if heading is Heading.FEATURES else ""
        return Verdict(heading, f"emoji:{head.mark}", kind, head.breaking)
    return None


def by_words(head: Head) -> Verdict | None:
    """What the plain words of a title say, with or without the area that stands before a colon."""
    told = words.guess(head.rest)
    if told is None and head.area:
        told = words.guess(head.rest[len(head.area) :])
        if told and words.delicate(head.rest):
            told = None
    return Verdict(told[0], f"words:{told[1]}", told[1]) if told else None


def by_labels(labels: Sequence[str], mine: Mapping[str, Heading]) -> tuple[Verdict | None, Verdict | None]:
    """What labels say for sure, and what they say when nothing else does ("documentation" and its like)."""
    sure: list[tuple[int, Verdict]] = []
    weak: Verdict | None = None
    breaking = False
    own = {name.casefold(): heading for name, heading in mine.items()}
    for label in labels:
        plain = _plain(label)
        breaking = breaking or plain in _BREAKING
        if label.casefold() in own:
            heading = own[label.casefold()]
            strength = -2 if heading is Heading.HIDDEN else -1
            sure.append((strength, Verdict(heading, f"label:{label}", _kind_of(heading))))
        elif plain in _LEFT_OUT:
            sure.append((-2, Verdict(Heading.HIDDEN, f"label:{label}")))
        elif plain in _LABEL:
            heading = _LABEL[plain]
            strength = {Heading.SECURITY: 0, Heading.FEATURES: 1, Heading.FIXES: 1}.get(heading, 2)
            sure.append((strength, Verdict(heading, f"label:{label}", _kind_of(heading))))
        elif plain in _INSIDE:
            weak = weak or Verdict(Heading.HIDDEN, f"label:{label}", {"documentation": "docs"}.get(plain, plain))
    best = min(sure, key=lambda pair: pair[0])[1] if sure else None
    if breaking and best:
        best = Verdict(best.heading, best.why, best.kind, True)
    elif breaking:
        weak = Verdict(weak.heading if weak else None, weak.why if weak else "", weak.kind if weak else "", True)
    return best, weak


def _plain(label: str) -> str:
    text = label.casefold().strip()
    for sign in ("/", ":"):
        before, found, after = text.rpartition(sign)
        if found and before.strip().rpartition("/")[2] in _ASIDE:
            return ""
        text = after.strip() if found else text
    return text.replace("-", " ").replace("_", " ")


def _kind_of(heading: Heading) -> str:
    return {Heading.FIXES: "fix", Heading.SECURITY: "security", Heading.FEATURES: "feat"}.get(heading, "")


def decide(unit: Titled, labels: Sequence[str], rules: NotesRules) -> tuple[Verdict, str]:
    """The verdict about a unit, and which of its titles led to it: its own, else of its commits the one that leads."""
    titles, first = unit.titles, 1 if unit.led else len(unit.titles)
    sure, weak = by_labels(labels, rules.labels) if labels else (None, None)
    formal = _formal(titles[:first]) or (_formal(titles[first:]) if len(titles) > first else None)
    loud = bool(weak and weak.breaking)
    for title in titles:
        if "!" in title and message.head(title, KINDS).breaking:
            loud = True
    if sure:
        return _with(sure, loud), titles[0] if unit.led or not formal else formal[1]
    if formal:
        return _with(formal[0], loud), formal[1]
    if weak and weak.heading:
        return weak, titles[0]
    said = _leading(titles[:first], by_words)
    if said:
        return _with(said[0], loud), said[1]
    oldest = titles[first - 1]
    if found := _BRANCH.match(unit.branch):
        word = found[1].lower()
        kind = "deps" if word in ("dependabot", "renovate") else _SAME.get(word, word)
        return Verdict(_KIND[kind], f"branch:{word}", kind, loud), oldest
    return Verdict(breaking=loud, odd=message.head(titles[0], KINDS).odd), oldest


def _formal(titles: Sequence[str]) -> tuple[Verdict, str] | None:
    """What prefixes and emoji say; a title that can have neither is not looked at."""
    may = [t for t in titles if ":" in t or "[" in t or not t.isascii()]
    return _leading(may, by_prefix) if may else None


def _leading(titles: Sequence[str], told: Callable[[Head], Verdict | None]) -> tuple[Verdict, str] | None:
    """The verdict that leads, and its title; of equals the oldest, which stands last."""
    best: tuple[Verdict, str] | None = None
    for title in titles:
        verdict = told(message.head(title, KINDS))
        if verdict and (best is None or verdict.rank <= best[0].rank):
            best = verdict, title
    return best


def _with(verdict: Verdict, breaking: bool) -> Verdict:
    if breaking and not verdict.breaking:
        return Verdict(verdict.heading, verdict.why, verdict.kind, True, verdict.odd)
    return verdict


def shown(title: str) -> str:
    """A title as a line of the notes: without prefix, keys and numbers, with a large first letter."""
    text = message.head(title, KINDS).rest.strip() or title
    text = message.numberless(text).rstrip(" .;,") or text
    return text[:1].upper() + text[1:]
