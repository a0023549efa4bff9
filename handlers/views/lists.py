"""Lists: what waits for you, all releases, what can be done now, and all words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.domain.lifecycle import BY_EVENT
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import waiting
from handlers.views.card import PHASE_NAMES
from handlers.views.card_lines import deciders_of
from handlers.views.card_state import open_reasons, state_of
from handlers.views.marks import BLOCKED, DONE, LOOK, RUNNING, WAITS
from handlers.views.pressing import press, show
from handlers.views.progress import at_step
from handlers.views.writing import Facts, counted, date_token, listed, mention, plain, said
from handlers.words import GROUPS, WORDS, Word

PAGE = 10


# --- one line for each release ---------------------------------------------------------------------------------------


def line_of(facts: Facts, now: datetime) -> str:
    """`*v1.3.0* minor · *Preparation* · leaves <date>` and whose move it is."""
    phase = PHASE_NAMES.get(str(facts.get("phase")), str(facts.get("phase")))
    when = f" · leaves {date_token(facts, facts['departs_at'])}" if facts.get("departs_at") else ""
    if facts.get("live_at"):
        when = f" · live since {date_token(facts, facts['live_at'])}"
    if facts.get("phase") == "cancelled":
        when = f" · {date_token(facts, facts.get('closed_at'))}"
    first = f"*{said(facts.get('tag'))}* {said(facts.get('type'))} · *{phase}*{when}"
    return f"{first}\n{moves_of(facts, now)}".rstrip()


def moves_of(facts: Facts, now: datetime) -> str:
    """Whose move it is, in one line."""
    if state_of(facts) in ("closed", "cancelled"):
        return ""
    if facts.get("hold"):
        return f"{LOOK} on hold by {mention(facts, facts['hold']['by'])}"
    if state_of(facts) in ("running", "rolling back", "decision"):
        return _of_a_run(facts)
    found = [r for r in open_reasons(facts, now) if not r.later]
    people = list(dict.fromkeys(p for r in found for p in r.people))
    if people:
        return f"{WAITS} waits for {listed([mention(facts, p) for p in people], 'and', 3)}"
    return f"{WAITS} {counted(len(found), 'condition')} open" if found else f"{DONE} nothing waits for a person"


def _of_a_run(facts: Facts) -> str:
    """A run that is under way, or that stands until somebody decides."""
    run = facts.get("run") or {}
    step = f": {at}" if (at := at_step(run)) else ""
    match state_of(facts):
        case "decision":
            deciders = listed([mention(facts, p) for p in deciders_of(facts)], "or", 3)
            return f"{BLOCKED} stopped{step}; waits for {deciders or 'somebody'} to decide"
        case "rolling back":
            return f"{RUNNING} going back to v{said(run.get('target'))}{step}"
        case _:
            return f"{RUNNING} going to production{step}"


def releases(found: Sequence[Facts], done: bool, page: int, now: datetime) -> Message:
    """One section per release, ten on a page."""
    shown, more = found[:PAGE], len(found) > PAGE
    title = "Releases that have ended" if done else "In flight"
    if not shown:
        text = "No release has ended yet." if done else "Nothing is in flight."
        return b.message(
            text,
            b.section(text),
            b.actions(
                b.button("Start a release", "start"),
                b.button("All releases", "list", ids.value(None, "done")) if not done else None,
                block_id="do",
            ),
        )
    names = listed([plain(f.get("tag", "")) for f in shown], "and", 5)
    rows = [b.section(line_of(f, now), f"release.{f.get('id')}", show(f, "status", "Open")) for f in shown]
    return b.message(
        f"{title}: {names}.",
        b.header(f"{title} · {len(shown)}"),
        *rows,
        b.actions(
            b.button("More", "list", ids.value(None, "done" if done else "open", str(page + 1))) if more else None,
            b.button("Ended ones" if not done else "In flight", "list", ids.value(None, "open" if done else "done")),
            block_id="do",
        ),
    )


# --- /release alone --------------------------------------------------------------------------------------------------


def overview(data: Mapping[str, Any], person: str, may_start: bool, now: datetime) -> Message:
    """What waits for you, what is in flight, and the way to begin."""
    flight: Sequence[Facts] = list(data.get("flight") or ())
    rows = waiting.rows(data, person, now)
    count = counted(len(rows), "thing")
    text = f"{count} {'waits' if len(rows) == 1 else 'wait'} for you." if rows else "Nothing waits for you."
    releases_ = [b.section(line_of(f, now), f"release.{f.get('id')}", show(f, "status", "Open")) for f in flight[:4]]
    names = (
        f" In flight: {listed([plain(f.get('tag', '')) for f in flight], 'and', 5)}."
        if flight
        else " Nothing is in flight."
    )
    return b.message(
        text + names,
        b.section(f"*{text}*"),
        *waiting.first(rows),
        b.divider() if flight else None,
        b.section("*In flight*") if flight else b.section("Nothing is in flight."),
        *releases_,
        b.actions(
            b.button("Start a release", "start", primary=not rows) if may_start else None,
            b.button("All words", "help"),
            b.button("Calendar", "calendar"),
            block_id="do",
        ),
    )


# --- help ------------------------------------------------------------------------------------------------------------


def all_words(facts: Facts | None) -> Message:
    """What is possible now with buttons, then all words in six lines."""
    groups = [f"*{g}*  " + " · ".join(f"`{w.word}`" for w in WORDS if w.group == g) for g in GROUPS]
    first = "Every word, in six groups. `/release help freeze` tells about one."
    if not facts:
        return b.message(
            "All words of /release, in six groups.",
            b.section(first),
            b.section("\n".join(groups), "words"),
            b.actions(b.button("Start a release", "start"), block_id="do"),
        )
    phase = said(facts.get("phase"))
    return b.message(
        f"{plain(facts.get('tag', ''))} is in {plain(facts.get('phase', ''))}. What you can do now, then all words.",
        b.section(f"*{said(facts.get('tag'))} is in {phase}. Possible now:*"),
        *possible(facts),
        b.divider(),
        b.section(first),
        b.section("\n".join(groups), "words"),
    )


def possible(facts: Facts) -> list[Block]:
    """A button for each event that makes sense now, four in a row; steps that are blocked say why when pressed."""
    now = possible_events(facts)
    events = [e for e in BY_EVENT if e in now]
    items = [show(facts, "checklist", "Checklist")] if facts.get("signoffs") else []
    buttons = [*[press(facts, e) for e in events], *items]
    if not events:
        return [b.section("Nothing: it has ended.")]
    return [b.actions(*buttons[i : i + 4], block_id=f"possible.{i // 4}") for i in range(0, len(buttons), 4)]


# Steps that stand here also while something blocks them, because pressing them says what.
_STEPS = (
    "begin",
    "freeze_early",
    "candidate",
    "ready",
    "go",
    "close",
    "approve",
    "reject",
    "back",
    "rollback",
    "fix_forward",
)


def possible_events(facts: Facts) -> set[str]:
    """What may be pressed: allowed now, or a main step of this phase. Items are ticked in the checklist."""
    phase = facts.get("phase")
    in_phase = {e for e, row in BY_EVENT.items() if row.word and phase in [p.value for p in row.sources]}
    found = (set(facts.get("allowed") or ()) & in_phase) | (in_phase & set(_STEPS))
    gone = {"tick", "untick"}
    if not facts.get("concerns"):
        gone |= {"settle", "carry"}
    if not [r for r in facts.get("reports") or () if not r.get("found")]:
        gone.add("triage")
    if not [i for i in facts.get("incidents") or () if not i.get("resolved_at")]:
        gone.add("resolve")
    if not facts.get("train"):
        gone |= {"freeze_early", "move", "merge"}
    elif phase == "development":
        gone.add("candidate")  # the freeze cuts its branch first
    if not [a for a in facts.get("approvals") or () if a.get("given") or a.get("rejected")]:
        gone.add("withdraw")
    return found - gone


def one_word(word: Word, facts: Facts | None) -> Message:
    """Help on a single word."""
    names = " or ".join(f"`{n}`" for n in (word.word, *word.aliases))
    now = ""
    if facts and word.event and word.event != "flag_off":  # a flag is changed at any time, with a release or without
        can = word.event in (facts.get("allowed") or ())
        now = f"\n{DONE if can else WAITS} {'Possible' if can else 'Not possible'} now for *{said(facts.get('tag'))}*."
    return b.message(
        f"{word.word}: {word.does}. Example: /release {word.example}.",
        b.section(
            f"*{names}*  {word.does}\nExample: `/release {word.example}`\nWho: {word.who}{now}"
        ),
        b.actions(
            b.button("All words", "help"), show(facts, "why", "What is missing?") if facts else None, block_id="do"
        ),
    )


def choices(facts: Facts) -> Message:
    """What "Move or put on hold…" and "Everything possible now" open."""
    tag = plain(facts.get("tag", ""))
    return b.message(
        f"What is possible with {tag} now.",
        b.section(f"*What is possible with {said(tag)} now*"),
        *possible(facts),
        b.context(
            f"It is in {said(facts.get('phase'))}. Who may press is checked at the "
            "click; a form or a question comes first where words are needed."
        ),
    )


def picker(event_words: str, found: Sequence[Facts], lines: Sequence[str]) -> Message:
    """Several releases could be meant: one button each, never a guess."""
    names = listed([plain(f.get("tag", "")) for f in found], "or", 5)
    buttons = [
        b.button(plain(f.get("tag", "")), "run", ids.value(None, line), about=f"{event_words} {f.get('tag')}")
        for f, line in zip(found, lines, strict=True)
    ]
    return b.message(
        f"Which release do you mean: {names}?",
        b.section(f"*Which release?* More than one is open, so I ask before I {said(event_words)}."),
        b.actions(*buttons[:5], block_id="pick"),
        b.context(f"Nothing was changed. {_late(found)}"),
    )


def _late(found: Sequence[Facts]) -> str:
    return f"and {len(found) - 5} more: name the version, for example 1.3.0" if len(found) > 5 else ""
