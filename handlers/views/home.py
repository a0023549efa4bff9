"""App Home: what waits for you, your checklist, what is in flight, the next trains, where is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers import ids
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views import checklist, digests, environments, waiting
from handlers.views.card import phase_line
from handlers.views.duties import duties
from handlers.views.lists import line_of
from handlers.views.marks import HELD, LOOK
from handlers.views.places import train_line
from handlers.views.pressing import show, to_sign
from handlers.views.writing import (
    Data,
    Facts,
    between,
    counted,
    date_token,
    day_token,
    holders,
    lasted,
    listed,
    long_token,
    mention,
    plain,
    said,
)

PART = waiting.PART
ENVIRONMENTS = "Environments", "environments"


def home(data: Data, person: str, now: datetime) -> list[Block]:
    """The blocks of one person's Home; support reads customers' words, everybody else reads releases."""
    roles = list(data.get("roles") or ())
    flight: list[Facts] = list(data.get("flight") or ())
    if roles == ["support"]:
        return _for_support(data, flight, now)
    manager = "release_manager" in roles
    return b.surface(
        b.actions(*_top(roles), block_id="top"),
        *_paused(data),
        *_waiting(data, flight, person, now),
        *_items(data, person, now),
        *duties(flight, person),
        *_flight(flight, now),
        *_trains(data, manager, now),
        *_where(data, now),
        *_lately(data),
        b.context(f"Up to date {date_token({'zone': data.get('zone')}, now, '{time}')}"),
    )


def _paused(data: Data) -> list[Block]:
    """That everything stands still comes before all else."""
    pause = data.get("paused")
    if not pause:
        return []
    line = f"{HELD} {environments.pause_line(pause, data)}"
    return [b.section(line, "paused", b.button(environments.GO_ON[1], environments.GO_ON[0], "-")), b.divider()]


def _top(roles: Sequence[str]) -> list[Block]:
    start = b.button("Start a release", "start", primary=True)
    second = b.button("Metrics", "metrics") if "release_manager" in roles else b.button(*ENVIRONMENTS)
    rest = [b.button("Calendar", "calendar"), second, b.button("All words", "help")]
    rest.append(b.button("My settings…", "settings"))
    if not roles:  # a stakeholder: nothing waits for them, but they may want to hear of it
        rest.append(b.button("Follow all releases", "follow", "-"))
    return [start, *rest] if {"release_manager", "tech_lead", "devops"} & set(roles) else rest


def _waiting(data: Data, flight: Sequence[Facts], person: str, now: datetime) -> list[Block]:
    """What waits beside the items of the checklist, which stand below and count as waiting too."""
    rows, below = waiting.acts(data, person, now), len(waiting.items(data, person, now))
    if rows:
        return [b.header(f"Waits for you · {len(rows) + below}"), *waiting.first(rows), b.divider()]
    rest = f"{_when_next(flight, person)}{_signed(flight, person)}"
    if below:
        return [
            b.header(f"Waits for you · {below}"),
            b.section(f"{counted(below, 'item')} on your checklist below.{rest}"),
        ]
    return [b.header("Waits for you"), b.section(f"Nothing waits for you.{rest}")]


def _when_next(flight: Sequence[Facts], person: str) -> str:
    """When this person will be asked: the next release by train that has a seat for them."""
    for facts in flight:
        seats = [a for a in facts.get("approvals") or () if person in (facts.get("members") or {}).get(a["role"], ())]
        early = facts.get("phase") in ("planning", "development", "stabilization")
        if seats and early and facts.get("prepare_at"):
            return f" {said(facts['tag'])} will ask you around {day_token(facts, facts['prepare_at'])}."
    return ""


def _signed(flight: Sequence[Facts], person: str) -> str:
    found = [
        (f, g) for f in flight for a in f.get("approvals") or () for g in a.get("given") or () if g["person"] == person
    ]
    return "".join(f"\nYou approved {said(f['tag'])} {date_token(f, g['at'])}." for f, g in found[:2])


def _items(data: Data, person: str, now: datetime) -> list[Block]:
    rows = waiting.items(data, person, now)
    return [b.header(f"Your checklist · {len(rows)}"), *waiting.first(rows), b.divider()] if rows else []


def _flight(flight: Sequence[Facts], now: datetime) -> list[Block]:
    if not flight:
        return [b.header("In flight"), b.section("Nothing is in flight."), b.divider()]
    rows: list[Block] = []
    for facts in flight[:PART]:
        rows += [
            b.section(line_of(facts, now), f"release.{facts.get('id')}", show(facts, "status", "Open")),
            b.context(phase_line(facts), _checked(facts)),
        ]
    rest = (
        [b.section(f"{len(flight) - PART} more", accessory=b.button("Show all", "list"))] if len(flight) > PART else []
    )
    return [b.header(f"In flight · {len(flight)}"), *rows, *rest, b.divider()]


def _checked(facts: Facts) -> str:
    count = checklist.count(facts)
    return f"Checklist {count}" if count else ""


def _trains(data: Data, manager: bool, now: datetime) -> list[Block]:
    trains = list(data.get("trains") or ())[:3]
    if not trains:
        return []
    menu = (
        b.menu(
            [
                ("Skip a train…", ids.option("skip", None)),
                ("Add a departure…", ids.option("extra", None)),
                ("Calendar", ids.option("calendar", None)),
            ]
        )
        if manager
        else None
    )
    return [
        b.header("Next trains"),
        b.section("\n".join(train_line(t, data, now) for t in trains), "trains", menu),
        b.divider(),
    ]


def _where(data: Data, now: datetime) -> list[Block]:
    found: Mapping[str, Data] = data.get("environments") or {}
    pairs = []
    for key, title in (("production", "Production"), ("staging", "Staging")):
        env = found.get(key) or {}
        runs = said(env.get("candidate") or (f"v{env['version']}" if env.get("version") else ""))
        age = between(env.get("since"), now.isoformat())
        locked = f", {LOOK} locked" if env.get("lock") or env.get("kept") else ""
        locked = f"; {environments.run_line(env['run'], data)}" if env.get("run") else locked
        pairs.append((title, f"{runs}{f', for {lasted(age.total_seconds())}' if age else ''}{locked}" if runs else ""))
    block = b.fields(pairs, "envs")
    if "release_manager" in (data.get("roles") or ()):  # above is no room for it
        block["accessory"] = b.button(*ENVIRONMENTS)
    clear = _lock(found.get("production") or {})
    return [b.header("Where is what"), block, *clear] if block.get("fields") else []


def _lately(data: Data) -> list[Block]:
    """The small version of the metrics, for who leads releases."""
    if data.get("lately") is None:
        return []
    return [
        b.header("The last 30 days"),
        b.section("\n".join(digests.short(data["lately"])), "lately"),
    ]


def _lock(production: Data) -> list[Block]:
    lock = production.get("lock") or {}
    if not lock.get("until_cleared"):
        return []
    return [
        b.section(
            f"{LOOK} Production is locked: “{said(lock.get('reason'))}”",
            "lock",
            b.button("Clear the lock…", "unlock", ids.value(lock.get("release"), "production")),
        )
    ]


# --- support ---------------------------------------------------------------------------------------------------------


def _for_support(data: Data, flight: Sequence[Facts], now: datetime) -> list[Block]:
    """Plain questions, what is live, what comes; no phases and no other environments."""
    by_id = {f.get("id"): f for f in flight}
    items = [w for w in data.get("waits") or () if w.get("what") == "tick" and w.get("release") in by_id]
    waits = [_question(w, by_id[w["release"]]) for w in items]
    live, coming = data.get("live"), [f for f in flight if not f.get("live_at") and f.get("departs_at")]
    duty = listed([mention(flight[0], p) for p in holders(flight[0], ("role:devops",))], "or", 2) if flight else ""
    return b.surface(
        b.actions(
            b.button("A customer has a problem…", "incident", primary=True),
            b.button("Report something…", "report"),
            b.button("Calendar", "calendar"),
            b.button("All words", "help"),
            b.button("My settings…", "settings"),
            block_id="top",
        ),
        b.header(f"Waits for you · {len(waits)}" if waits else "Waits for you"),
        *(waits[:PART] or [b.section("Nothing waits for you.")]),
        b.divider(),
        *duties(flight, data.get("person") or ""),
        *_live_now(live, data),
        *_coming(coming),
        b.context(f"On duty at the update: {duty}" if duty else ""),
    )


def _question(wait: Data, facts: Facts) -> Block:
    item = str(wait.get("item"))
    title = plain(wait.get("title"))
    return b.section(
        f"*{said(title)}?*\nFor {said(facts.get('tag'))}",
        f"wait.{facts.get('id')}.{item}",
        b.button("It is done", "tick", to_sign(facts, item), about=f"Done: {title}"),
    )


def _live_now(live: Facts | None, data: Data) -> list[Block]:
    production = (data.get("environments") or {}).get("production") or {}
    if not live:
        runs = f"*v{said(production['version'])}* runs." if production.get("version") else "Nothing is recorded yet."
        return [b.header("Live now"), b.section(runs)]
    known = ((live.get("texts") or {}).get("support") or {}).get("known_issues") or ()
    open_ = [i for i in live.get("incidents") or () if not i.get("resolved_at")]
    state = f"{len(open_)} open incident{'s' if len(open_) != 1 else ''}" if open_ else "no open incident"
    lines = [
        f"*{said(live.get('tag'))}* since {day_token(live, live.get('live_at'))}, {state}",
        *[f"{LOOK} Known: {said(k, 200)}" for k in known[:3]],
    ]
    return [b.header("Live now"), b.section("\n".join(lines), "live", show(live, "notes", "What to say", "support"))]


def _coming(flight: Sequence[Facts]) -> list[Block]:
    rows = []
    for facts in flight[:2]:
        new = ((facts.get("texts") or {}).get("support") or {}).get("new") or ()
        first = f"*{said(facts.get('tag'))}* on {long_token(facts, facts['departs_at'])}"
        rows.append(
            b.section(
                "\n".join([first, " · ".join(said(n) for n in new[:4])]).strip(),
                f"coming.{facts.get('id')}",
                show(facts, "notes", "Read the answers", "support"),
            )
        )
    return [b.header("Coming"), *(rows or [b.section("Nothing is on the way.")])]
