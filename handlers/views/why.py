"""What a release still needs: the private answer to `/release why`."""

from __future__ import annotations

from datetime import datetime

from core.domain.facts import timely
from core.domain.voices import PAUSE
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.card_lines import next_of
from handlers.views.card_state import at_the_hour, judged, quiet_concerns, state_of
from handlers.views.marks import DONE, HELD
from handlers.views.overrides import in_why
from handlers.views.pressing import DIRECT, show, to_sign
from handlers.views.reasons import Reason, reasons, summary
from handlers.views.writing import (
    Facts,
    between,
    date_token,
    day_token,
    in_words,
    instant,
    lasted,
    listed,
    mention,
    name,
    plain,
    quoted,
    role_title,
    said,
    spoken,
)

MOST_OPEN, MOST_DUE = 8, 6
# What is due at an hour (`core/domain/due.py`), in words; {who} is asked then.
DUE: dict[str, str] = {
    "hold_over": "{who} is asked whether the hold goes on",
    "freeze": "it is frozen, if nothing blocks that",
    "coming": "support hears of the coming update",
    "go_hour": "{who} and those who say go are asked for go or no-go",
    "answer": "the thread says who has not answered",
    "request": "{who} gets the request, in working hours",
    "day_ends": "the day of {who} ends, and who stands in is asked too",
    "seats": "{who} begins or ends to stand in for {about}",
    "live": "those whose duty it is are asked how it is",
    "review": "the reviewer of an override is asked again",
    "decision": "the next one is called, if nobody has decided by then",
    "missed": "the window is over, and {who} is asked what then",
}
STEP = {
    "begin": "begin development",
    "freeze": "freeze",
    "candidate": "get a candidate",
    "ready": "ask for approvals",
    "go": "go to production",
    "deployed": "be live",
    "rolled_back": "be rolled back",
    "close": "be closed",
}
# A gate of a next step by what it is called when it is met. Those of QUIET say only which kind of event it is.
MET = {
    "scope_read": "scope read",
    "freeze_date": "freeze date set",
    "dependencies": "dependencies owned",
    "has_candidate": "candidate tagged",
    "contains_production": "contains what production runs",
    "no_concern": "no concern",
    "branch_settled": "branch as signed",
    "unexpired": "signatures fresh",
    "on_staging": "on staging",
    "told": "stakeholders and support told",
    "production_free": "production free",
    "not_rolled_back": "nothing rolled back inside",
    "has_branch": "branch cut",
    "head_moved": "new commits",
    "no_incident": "no incident open",
    "reports_triaged": "no report untriaged",
    "not_being_fixed": "no hotfix under way",
    "lock_cleared": "no lock left",
    "scope_settled": "scope settled",
    "fixes_only": "only fixes since the freeze",
    "no_breaking": "nothing breaks",
    "notes_complete": "notes complete",
    "no_stray": "nothing moved by hand",
    "overrides_reviewed": "overrides reviewed",
    "flags_decided": "flags decided",
    "actions_decided": "action items decided",
    "run_done": "run finished",
    "candidate_read": "candidate read",
    "all_arrived": "nothing released is missing",
    "notes_read": "notes drafted",
    "new_number": "number unused",
    "git_free": "git free",
    "same_build": "the build that staging had",
}
EVIDENCE = ("evidence", "item", "checks", "build")  # what a machine reports, whoever owns it
QUIET = ("by_train", "deploy_run", "rollback_run")


def why(facts: Facts, person: str, now: datetime) -> Message:
    """The private answer to `/release why`: open conditions, yours first, each with a button for the reader."""
    tag = plain(facts.get("tag", ""))
    found = reasons(judged(facts, now), facts)
    found = ordered([*found, *quiet_concerns(facts, found)], person)
    if facts.get("phase") in ("closed", "cancelled"):
        return b.message(
            f"{tag} is {facts['phase']} and waits for nothing.",
            b.section(f"*{said(tag)} is {facts['phase']}* and waits for nothing."),
            b.actions(show(facts, "audit", "Evidence"), block_id="do"),
        )
    if not [r for r in found if r.code != "window"] and not facts.get("hold"):
        return _nothing_open(facts, now, person)
    step = STEP.get(str(facts.get("next")), "go on")
    text = f"{tag} cannot {step} yet. Missing: {missing(found, facts)}."
    departs = instant(facts.get("departs_at"))
    ahead = departs is not None and departs > now and not facts.get("live_at")
    leaves = f" The release leaves {date_token(facts, facts['departs_at'])}." if ahead else ""
    done = met(facts, now)
    of = len(found) + len(done)
    verb = "is" if len(found) == 1 else "are"
    counted = f"*{len(found)} of {of} conditions {verb} open*" + summary(found).partition("open")[2]
    return b.message(
        text,
        b.header(f"What {tag} still needs"),
        _held(facts),
        b.context(f"{counted}.{leaves}"),
        *conditions(found, facts, person, now),
        *in_why(facts, person),
        b.divider() if by_itself(facts, now) else None,
        b.section(by_itself(facts, now), "itself"),
        b.context(_met(done)),
    )


def by_itself(facts: Facts, now: datetime) -> str:
    """What happens with nobody pressing anything: the next step, then every hour at which something is due."""
    nxt = next_of(facts, state_of(facts), now)
    rows = [nxt.replace("*Next by itself:* ", "")] if nxt else []
    ahead = [d for d in facts.get("dues") or () if (instant(d["at"]) or now) > now]
    for due in ahead[:MOST_DUE]:
        at = date_token(facts, due["at"])
        if due["what"] in DUE and at not in nxt:
            who = mention(facts, due["who"]) if due["who"] else ""
            about = mention(facts, due["about"]) if due.get("about") else "somebody"
            rows.append(f"{at}: {DUE[due['what']].format(who=who or 'somebody', about=about)}")
    if len(rows) < 2 and nxt:
        return nxt
    if nxt and rows[0].startswith("nothing"):
        rows.pop(0)
    return "*Happens by itself*\n" + "\n".join(f"• {row[:1].upper()}{row[1:]}" for row in rows) if rows else ""


def nothing_in_flight(train: str | None, facts: Facts) -> Message:
    """The answer when no release is open."""
    when = f" The next train leaves {date_token(facts, train)} and is free." if train else ""
    plain_when = f" The next train leaves on {in_words(facts, train)} and is free." if train else ""
    return b.message(
        f"Nothing is in flight.{plain_when}",
        b.section(f"Nothing is in flight.{when}"),
        b.actions(b.button("Start a release", "start", primary=True), block_id="do"),
    )


# --- parts -----------------------------------------------------------------------------------------------------------


def ordered(found: list[Reason], person: str) -> list[Reason]:
    """Yours, then people, then evidence, then time."""

    def place(r: Reason) -> int:
        if r.later:
            return 3
        by_machine = r.code.partition(".")[0] in EVIDENCE or not r.people
        return 0 if r.is_for(person) else 2 if by_machine else 1

    return sorted(found, key=place)


def conditions(found: list[Reason], facts: Facts, person: str, now: datetime | None = None) -> list[Block]:
    """One section per condition, `block_id` its code; what is over the limit by name."""
    shown = []
    for r in found[:MOST_OPEN]:
        nudged = reminded(r, facts, person, now)
        text = " ".join(filter(None, (r.detail, _since(r, facts), nudged)))
        button = None if nudged else button_for(r, facts, person)
        shown.append(b.section(f"{r.mark} *{r.title}*\n{text}", r.code, button))
    rest = found[MOST_OPEN:]
    return [*shown, b.context(f"and {len(rest)} more: " + listed([r.title for r in rest], "and", 6))] if rest else shown


def _since(r: Reason, facts: Facts) -> str:
    return f"Open since {day_token(facts, r.since)}." if instant(r.since) else ""


def reminded(r: Reason, facts: Facts, person: str, now: datetime | None) -> str:
    """`Reminded 20 min ago by Theo`, while nobody can be reminded of it again; "" before."""
    others = [p for p in r.people if p != person]
    last = (facts.get("reminded") or {}).get(f"{r.code}|{others[0]}") if others else None
    spent = between(last["at"], now.isoformat()) if last and now else None
    if last is None or spent is None or spent >= PAUSE or r.is_for(person):
        return ""
    return f"_Reminded {lasted(max(60, spent.total_seconds()))} ago by {said(name(facts, last['by']))}_"


def button_for(r: Reason, facts: Facts, person: str) -> Block | None:
    """Yours: do it. Not yours: remind who can."""
    if r.later:
        return None
    if r.do and (r.is_for(person) or not r.people or _may_too(r, facts, person)):
        if r.do.verb == "tick":
            return b.button(r.do.label, r.do.verb, to_sign(facts, r.do.item))
        subject = str(facts.get("epoch", "")) if r.do.verb in DIRECT else ""
        return b.button(r.do.label, r.do.verb, ids.value(facts.get("id"), r.do.item, subject))
    others = [p for p in r.people if p != person]
    if not others:
        return None
    return b.button(f"Remind {name(facts, others[0])}", "remind", ids.value(facts.get("id"), r.code, others[0]))


def _may_too(r: Reason, facts: Facts, person: str) -> bool:
    """Whether the item is theirs to sign although somebody stands in for them and is asked instead."""
    names = {s["name"] for s in facts.get("signoffs") or () if person in s.get("people", ())}
    return r.do is not None and r.do.verb == "tick" and r.do.item in names


def _held(facts: Facts) -> Block | None:
    h = facts.get("hold")
    if not h:
        return None
    since = day_token(facts, h["at"])
    return b.section(
        f"{HELD} *On hold* by {mention(facts, h['by'])} since {since}: {quoted(h['reason'])}",
        "held",
        show(facts, "resume", "Resume"),
    )


def missing(found: list[Reason], facts: Facts) -> str:
    """The open conditions in plain words, for the fallback."""
    parts = []
    for r in found[:4]:
        people = listed([name(facts, p) for p in r.people], "or", 2)
        parts.append(lower(r, facts) + (f" ({people})" if people else ""))
    return listed(parts + ([f"{len(found) - 4} more"] if len(found) > 4 else []))


def lower(r: Reason, facts: Facts) -> str:
    """The title in plain words, to stand inside a sentence."""
    bare = plain(spoken(r.title, facts), 90)
    return bare if bare[1:2].isupper() else bare[:1].lower() + bare[1:]


def met(facts: Facts, now: datetime) -> list[str]:
    """The met conditions of the next step, by name; an approval that has run out by now is none of them."""
    stale = {str(x.facts.get("role")) for x in timely(facts, now) if x.code == "expired"}
    names = []
    for code in facts.get("met") or ():
        family, _, tail = str(code).partition(".")
        if family == "signoff":
            names += [said(s["title"]) for s in facts.get("signoffs") or () if s["name"] == tail]
        elif family == "approval":
            names += [f"approval of the {said(role_title(facts, tail))}"] if tail not in stale else []
        elif code in MET and not (code == "unexpired" and stale):
            names.append(MET[code])
    return names


def _met(names: list[str]) -> str:
    return f"{DONE} Met: {' · '.join(names)}" if names else ""


def _nothing_open(facts: Facts, now: datetime, person: str) -> Message:
    tag = plain(facts.get("tag", ""))
    if facts.get("next") == "go":
        hour = at_the_hour(facts, now)
        at = date_token(facts, facts["departs_at"])
        when = "Go or no-go can be said now" if hour else f"Go or no-go is asked {at}"
        doing = b.actions(show(facts, "go", "Go…", primary=True), block_id="do") if hour else None
        said_ = (
            f"{tag} waits for nothing but a go."
            if hour
            else f"{tag} waits for nothing but the hour, {in_words(facts, facts['departs_at'])}."
        )
        head = f"*{said(tag)} waits for nothing but {'a go' if hour else 'the hour'}.* {when}."
        return b.message(said_, b.section(head), *in_why(facts, person), b.context(_met(met(facts, now))), doing)
    event = str(facts.get("next") or "")
    button = show(facts, event, _LABEL[event], primary=True) if event in _LABEL else None
    step = STEP.get(event, "go on")
    return b.message(
        f"{tag} is free to {step}.",
        b.section(f"*{said(tag)} is free to {step}.*"),
        *in_why(facts, person),
        b.context(_met(met(facts, now))),
        b.actions(button, block_id="do"),
    )


_LABEL = {"begin": "Begin development", "candidate": "Tag a candidate", "ready": "Make it ready", "close": "Close"}
