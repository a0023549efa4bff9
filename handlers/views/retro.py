"""The retrospective as people see it: its page, the whole of what was said, its summary, action items to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers import ids
from handlers.request import Block, Form, Message
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views import retro_words as words
from handlers.views.marks import DONE, WAITS
from handlers.views.pressing import press, show
from handlers.views.writing import Data, Facts, counted, date_token, day_token, mention, plain, said, spoken

SHOWN = 5  # of each question; the rest stands behind a button
MOST_ITEMS = 10  # action items with buttons in one message
PIECE = 2800  # characters of one section in a window


def lead(facts: Facts) -> str:
    """Until when it is open, when it meets, who has answered; or that it is closed."""
    state: Data = facts.get("retro") or {}
    posted = state.get("summary")
    if posted:
        count = words.answered({**state, "answered": list(state.get("answered") or ())[: int(posted["answered"])]})
        return f"{DONE} Closed by {mention(facts, posted['by'])} {date_token(facts, posted['at'])}; {count}."
    meets = f"meets {date_token(facts, state.get('meets_at'))}, {int(state.get('minutes') or 0)} min"
    return f"{WAITS} Open until {day_token(facts, state.get('due_at'))}, {meets}. {words.answered(state)}."


def card_line(facts: Facts) -> str:
    """One line for the card; "" before there is one."""
    state: Data = facts.get("retro") or {}
    if not state:
        return ""
    if state.get("summary"):
        return f"{DONE} *Retrospective* closed {day_token(facts, state['summary']['at'])}"
    return f"{WAITS} *Retrospective* open until {day_token(facts, state.get('due_at'))}, {words.answered(state)}"


def codes_told(facts: Facts) -> set[str]:
    """The reasons that this line tells already, so that the card does not say them twice."""
    found = facts.get("signoffs") or () if facts.get("retro") else ()
    return {f"item.{s['name']}" for s in found if s.get("rule") == "retrospective"}


def facts_text(data: Data, facts: Facts, limit: int = b.SECTION) -> str:
    """What the record proves, as one text; of what does not fit how many more there are."""
    told = words.proven(data.get("proven") or (), facts)
    kept, room = [], limit - 60
    for one in told:
        room -= len(one) + 3
        if room < 0:
            break
        kept.append(one)
    rest = [f"and {len(told) - len(kept)} more"] if len(kept) < len(told) else []
    return f"*What the record says*  {' · '.join([*kept, *rest])}" if told else ""


def page(facts: Facts, data: Data, person: str) -> Message:
    """`/release retro`: how it stands, what is proven, what was said, what was resolved."""
    tag = plain(facts.get("tag", ""))
    if not facts.get("retro"):
        text = f"The retrospective of {tag} comes when it is live."
        if facts.get("phase") in ("closed", "cancelled") or facts.get("live_at"):
            text = f"{tag} has no retrospective."
        return b.message(text, b.section(said(text, 300)), *_resolved(facts, data, person))
    open_ = not facts["retro"].get("summary")
    first = lead(facts)
    return b.message(
        spoken(f"Retrospective of {tag}. {first}", facts),
        b.header(f"Retrospective {tag}"),
        b.section(first, "state"),
        b.section(facts_text(data, facts), "proven"),
        *questions(data, facts),
        *_resolved(facts, data, person),
        b.actions(
            press(facts, "retro_say", primary=open_),
            press(facts, "action_add"),
            *([press(facts, "retro_move"), press(facts, "retro_summary")] if open_ and _leads(facts, person) else []),
            block_id="do",
        ),
    )


def _leads(facts: Facts, person: str) -> bool:
    roles = (facts.get("may") or {}).get("retro") or ()
    return any(person in (facts.get("members") or {}).get(r, ()) for r in roles)


def questions(data: Data, facts: Facts, *, more: bool = True) -> list[Block | None]:
    """The first lines of each question with how many there are, and the button to all of them."""
    shown: list[Block | None] = []
    counts: Mapping[str, int] = data.get("counts") or {}
    for key, title in words.TITLES.items():
        found = list((data.get("lines") or {}).get(key) or ())[:SHOWN]
        if found:
            head = f"*{title}* ({counts.get(key, len(found))})"
            shown.append(b.section("\n".join([head, *words.lines(found, facts, 240)]), f"said.{key}"))
    if more and any(counts.get(key, 0) > SHOWN for key in words.TITLES):
        shown.append(b.actions(show(facts, "retro_all", "All that was said"), block_id="more"))
    return shown


def _resolved(facts: Facts, data: Data, person: str = "") -> list[Block | None]:
    """What it resolved, and what became of the items that had come back on its checklist; who may decide about one of
    them has the button for it."""
    made = [words.item(a, facts) for a in data.get("actions") or ()]
    told = words.tally(data.get("tally") or {}, facts)
    back = list((data.get("tally") or {}).get("back") or ())
    new = [a for a in data.get("actions") or () if a.get("state") == "open" and not a.get("on")]
    open_ = any(_leads(facts, person) or a.get("owner") == person for a in (*back, *new))
    return [
        b.section("\n".join(["*Action items*", *made]), "items") if made else None,
        b.section(told, "tally") if told else None,
        b.actions(show(facts, "actions", "Decide about them"), block_id="decide") if open_ else None,
    ]


# --- the summary -----------------------------------------------------------------------------------------------------


def summary(data: Data, facts: Facts) -> Message:
    """The post in the thread: facts, what went well, what went wrong, what to improve, action items."""
    by, told = mention(facts, str(data.get("actor") or "")), data.get("retro") or {}
    count = f"{int(told.get('answered') or 0)} of {int(told.get('invited') or 0)} answered"
    note = f"\n“{said(data['reason'], 600)}”" if data.get("reason") else ""
    line = f"{DONE} *Retrospective of {said(facts.get('tag'))}*, closed by {by}; {count}.{note}"
    return b.message(spoken(line.split("\n")[0], facts), b.section(line, "line"), *_body(told, facts))


def _body(data: Data, facts: Facts, *, more: bool = True) -> list[Block | None]:
    made = [words.item(a, facts) for a in data.get("actions") or ()]
    told, back = words.tally(data.get("tally") or {}, facts), bool((data.get("tally") or {}).get("back"))
    return [
        b.section(facts_text(data, facts), "proven"),
        *questions(data, facts, more=more),
        b.section("\n".join(["*Action items*", *made]), "items") if made else None,
        b.section(told, "tally", show(facts, "actions", "Decide…") if back and more else None) if told else None,
    ]


def preview(facts: Facts, data: Data, channel: str = "") -> Form:
    """What would be posted, before it is."""
    silent = list((facts.get("retro") or {}).get("silent") or ())
    rest = f"Not heard yet: {words.people(facts, silent)}. Who answers later is still kept." if silent else ""
    return inputs.form(
        f"Summary {plain(facts.get('tag', ''))}",
        "retro_summary",
        ids.metadata(ids.Target(facts.get("id"), "", str(facts.get("epoch", ""))), channel),
        [
            b.section(f"This goes to the thread of *{said(facts.get('tag'))}*, with one line in the channel.", "about"),
            *_body(data, facts, more=False),
            b.context("Of more than five lines the rest stands behind a button.", rest),
            inputs.text("reason", "A word of your own on top", lines=True, optional=True),
        ],
        submit="Post the summary",
    )


def everything(facts: Facts, data: Data) -> Form:
    """All that was said, in a window."""
    blocks: list[Block | None] = []
    for key, title in words.TITLES.items():
        found = words.lines((data.get("lines") or {}).get(key) or (), facts, 1000)
        if found:
            blocks += _pieces([f"*{title}* ({len(found)})", *found], key)
    blocks.append(b.section(facts_text(data, facts), "proven"))
    return inputs.told(f"Said about {plain(facts.get('tag', ''))}", b.surface(*blocks, *_resolved(facts, data)))


def _pieces(lines: Sequence[str], name: str) -> list[Block | None]:
    """Lines in as many sections as they need."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if sum(len(x) + 1 for x in parts[-1]) + len(line) > min(PIECE, b.SECTION - 50):
            parts.append([])
        parts[-1].append(line)
    return [b.section("\n".join(p), f"all.{name}.{n}") for n, p in enumerate(parts) if p]


# --- action items to decide ------------------------------------------------------------------------------------------


def decide(facts: Facts, data: Data, person: str) -> Message:
    """The action items on a release's checklist, each with what can become of it."""
    here = [*(data.get("here") or ()), *(a for a in data.get("actions") or () if not a.get("on"))]
    tag = plain(facts.get("tag", ""))
    open_ = [a for a in here if a.get("state") == "open" and not a.get("kept")]
    ended = [words.item(a, facts) for a in here if a not in open_]
    rows: list[Block | None] = []
    for a in open_[:MOST_ITEMS]:
        rows += [b.section(item_text(a, facts), f"action.{a['id']}"), _choices(a, facts, person)]
    verb = "waits" if len(open_) == 1 else "wait"
    text = f"{counted(len(open_), 'action item')} of {tag} {verb} for a decision."
    return b.message(
        text if open_ else f"No action item of {tag} is left to decide.",
        b.section(f"*Action items on the checklist of {said(tag)}*"),
        *rows,
        b.section("\n".join(ended), "ended") if ended else None,
        None if here else b.section("There is none."),
    )


def item_text(a: Data, facts: Facts) -> str:
    """An open item with where it comes from."""
    return f"{words.item(a, facts)}\n_Number {a['id']}, from the retrospective of v{said(a.get('from'))}_"


def _choices(a: Data, facts: Facts, person: str) -> Block | None:
    """Its owner and who leads retrospectives decide; the others read."""
    if person != a.get("owner") and not _leads(facts, person):
        return None
    number, text = str(a["id"]), plain(a.get("text"))
    value = ids.value(facts.get("id"), number)
    here = a.get("on") == facts.get("id")
    return b.actions(
        b.button("Done", "action_done", value, about=f"Done: {text}"),
        b.button("Keep", "action_keep", value, about=f"Keep for the next release: {text}") if here else None,
        b.button("Drop with a reason…", "action_drop", value, about=f"Drop: {text}"),
        block_id=f"decide.{number}",
    )


def on_checklist(facts: Facts) -> list[Block | None]:
    """The part of a checklist that earlier retrospectives wrote."""
    here: list[Data] = list(facts.get("actions") or ())
    if not here:
        return []
    decided = sum(bool(a.get("state") != "open" or a.get("kept")) for a in here)
    lines = [words.item(a, facts) for a in here]
    return [
        b.section("\n".join([f"*Action items · {decided} of {len(here)} decided*", *lines]), "actions"),
        b.actions(show(facts, "actions", "Decide about them"), block_id="decide") if decided < len(here) else None,
    ]


def decided_of(facts: Facts) -> str:
    """`1 of 2 decided`, for the card; "" where none came back."""
    here: list[Data] = list(facts.get("actions") or ())
    done = sum(bool(a.get("state") != "open" or a.get("kept")) for a in here)
    return f"{done} of {len(here)} decided" if here else ""


