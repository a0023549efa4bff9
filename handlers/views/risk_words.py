"""The words of each point that is worth knowing before a signature: a mark, what it is and why it is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.domain.risk import Point
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.checklist_words import failed, kind_of
from handlers.views.embargo import HIDDEN
from handlers.views.marks import BLOCKED, DONE, LOOK, ROLLED_BACK, WAITS
from handlers.views.writing import Data, Facts, counted, date_token, day_token, listed, mention, quoted, said, with_code

Words = Callable[[Data, Facts], str]
LONGEST = 1450  # of the whole list, within one section
_FIRST = (BLOCKED, LOOK, ROLLED_BACK, WAITS, DONE)  # what stops comes before what is good to know


def worth_knowing(found: Sequence[Point], facts: Facts) -> str:
    """One line for each point, what is bad first; the good ones too."""
    told = [(MARKS[p.code], WORDS[p.code](p.data, facts)) for p in found if p.code in WORDS]
    told.sort(key=lambda line: _FIRST.index(line[0]) if line[0] in _FIRST else len(_FIRST))
    return b.lines([f"{mark} {text}" for mark, text in told], LONGEST)


def _refs(data: Data, facts: Facts) -> str:
    items = [links.ref(facts, str(i)) for i in data.get("items") or ()]
    more = int(data.get("count") or 0) - len(items)
    return listed([*items, f"{more} more"] if more > 0 else items)


def _verb(data: Data, one: str, many: str) -> str:
    return one if int(data.get("count") or 0) == 1 else many


def _first(data: Data, name: str = "what") -> str:
    """What the first findings say, after a colon."""
    told = [with_code(x, 90) for x in data.get(name) or ()]
    return f": {listed(told, 'and', 2)}" if told else ""


def _size(data: Data, facts: Facts) -> str:
    files = f" in {counted(data['files'], 'file')}" if data.get("files") else ""
    return f"{counted(data['changes'], 'change')}{files} by {counted(data['authors'], 'person', 'people')}"


def _larger(data: Data, facts: Facts) -> str:
    times = f"{data['changes'] / data['usual']:.0f}" if data.get("usual") else "many"
    return (
        f"It is {times} times as large as usual: {counted(data['changes'], 'change')}; half of the last "
        f"{data['releases']} of its kind had {data['usual']:,} or fewer"
    )


def _migrations(data: Data, facts: Facts) -> str:
    takes = f", {data['removed']} of which takes something away" if data.get("removed") else ""
    return f"{counted(data['count'], 'migration')}{takes}{_first(data)}{_classes(data)}"


def _classes(data: Data) -> str:
    """Of which class the migrations are, in brackets; nothing for a release that was read before classes were told."""
    found = data.get("classes") or {}
    if len(found) == 1:
        return f" ({'all ' if data['count'] > 1 else ''}{said(next(iter(found)), 20)})"
    return f" ({listed([f'{int(n)} {said(kind, 20)}' for kind, n in sorted(found.items())])})" if found else ""


def _way_back(data: Data, facts: Facts) -> str:
    by = f", says {mention(facts, str(data['by']))}" if data.get("by") else ""
    return f"v{said(data['version'])} runs on the new database too{by}: a roll-back stays possible"


def _area(data: Data, facts: Facts) -> str:
    name, files = said(data["area"], 40), counted(data["files"], "file")
    if data.get("items"):
        touch = _verb(data, "touches", "touch")
        return f"{data['count']} of {counted(data['of'], 'change')} {touch} {name}: {_refs(data, facts)}"
    paths = [f"`{said(p, 60)}`" for p in (data.get("paths") or ())[:2]]
    return f"{files} in {name} changed: {listed(paths)}" if paths else f"{files} in {name} changed"


def _failed(data: Data, facts: Facts) -> str:
    told = failed(facts, data, data.get("numbers") or {}, data.get("url"))
    return f"{_kind(data)} failed on this commit: {told}"


def _kind(data: Data) -> str:
    name = kind_of(data.get("kind"))
    return name[:1].upper() + name[1:]


def _passed(data: Data, facts: Facts) -> str:
    kinds = [kind_of(k) for k in data.get("kinds") or ()]
    text = listed(kinds, "and", 4)
    return f"{text[:1].upper()}{text[1:]} passed on this commit"


def _late(data: Data, facts: Facts) -> str:
    by = mention(facts, str(data.get("by") or ""))
    ref = links.ref(facts, str(data["item"]))
    return f"{ref} came after the freeze and is no fix; {by} answers for it: {quoted(data.get('reason') or '')}"


def _moved(data: Data, facts: Facts) -> str:
    by = mention(facts, str(data.get("by") or ""))
    return f"`{said(data['ref'])}` was moved by hand; {by} answers for it: {quoted(data.get('reason') or '')}"


def _override(data: Data, facts: Facts) -> str:
    people = listed([mention(facts, str(p)) for p in data.get("by") or ()])
    return f"{people} passed it over {quoted(data['title'])}: {quoted(data.get('reason') or '')}"


def _outside(data: Data, facts: Facts) -> str:
    if data.get("at"):
        return f"It leaves outside working hours: {date_token(facts, data['at'])}"
    return "It leaves as soon as it is ready, and now is outside working hours: fewer people would see a fault"


def _embargoed(data: Data, facts: Facts) -> str:
    """Who signs reads also what is hidden from others."""
    titles = [quoted(c["subject"], 60) for _, c in (facts.get("held") or {}).get("changes") or ()]
    told = listed(titles, "and", 3) or counted(data["count"], "change")
    return f"{told} {_verb(data, 'is', 'are')} {HIDDEN}, and part of what you sign"


TABLE: dict[str, tuple[str, Words]] = {
    "evidence_failed": (BLOCKED, _failed),
    "evidence_missing": (LOOK, lambda d, f: f"{_kind(d)} has no result for this commit"),
    "evidence_running": (WAITS, lambda d, f: f"{_kind(d)} still runs on this commit"),
    "evidence_passed": (DONE, _passed),
    "item_open": (LOOK, lambda d, f: f"{said(d['title'])} is open on the checklist"),
    "hotfix": (LOOK, lambda d, f: f"It is a hotfix with limited tests, because {quoted(d.get('reason') or '')}"),
    "after_rollback": (ROLLED_BACK, lambda d, f: f"It is the first one after v{said(d['version'])} was rolled back"),
    "candidate": (LOOK, lambda d, f: f"It is candidate number {d['number']}: the ones before were changed"),
    "concern": (LOOK, lambda d, f: f"{mention(f, str(d['by']))} raised a concern: {quoted(d['text'])}"),
    "override": (LOOK, _override),
    "moved_by_hand": (LOOK, _moved),
    "migrations": (LOOK, _migrations),
    "way_back": (DONE, _way_back),
    "way_back_open": (
        LOOK, lambda d, f: f"Nobody has said yet whether v{said(d['version'])} runs on the new database",
    ),
    "no_migration": (DONE, lambda d, f: "No migration: the database stays as it is"),
    "settings": (LOOK, lambda d, f: f"{counted(d['count'], 'setting')} to look after{_first(d)}"),
    "flags": (LOOK, lambda d, f: f"It brings {counted(d['count'], 'flag')}{_first(d)}"),
    "area": (LOOK, _area),
    "breaking": (LOOK, lambda d, f: f"{_refs(d, f)} {_verb(d, 'breaks', 'break')} something for customers"),
    "unreviewed": (
        LOOK, lambda d, f: f"{_refs(d, f)} {_verb(d, 'was', 'were')} approved by nobody but the author",
    ),
    "reviewed_before": (
        LOOK, lambda d, f: f"{_refs(d, f)} {_verb(d, 'was', 'were')} approved before the last push, by nobody since",
    ),
    "all_reviewed": (DONE, lambda d, f: "Every change was approved by somebody else than its author"),
    "late": (LOOK, _late),
    "embargoed": (LOOK, _embargoed),
    "unclassified": (
        LOOK, lambda d, f: f"{counted(d['count'], 'change')} in the notes {_verb(d, 'has', 'have')} no heading",
    ),
    "size": ("•", _size),
    "larger": (LOOK, _larger),
    "texts_drafted": (
        LOOK, lambda d, f: "The texts for stakeholders and support are drafts; nobody has mended them",
    ),
    "departure_near": (LOOK, lambda d, f: f"It leaves within a day, {date_token(f, d['at'])}: little time to repair"),
    "outside_hours": (LOOK, _outside),
    "freeze_near": (
        LOOK, lambda d, f: f"The freeze {quoted(d['name'])} begins {day_token(f, d['from'])}; a later fix meets it",
    ),
}  # fmt: skip
MARKS = {code: mark for code, (mark, _) in TABLE.items()}
WORDS = {code: words for code, (_, words) in TABLE.items()}
