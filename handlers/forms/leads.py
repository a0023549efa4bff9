"""What stands above the questions of a form: what it is about and what follows."""

from __future__ import annotations

from handlers.forms.recipe import Known
from handlers.views import links
from handlers.views.recovery import said_of
from handlers.views.writing import Facts, counted, date_token, mention, name, quoted, said


def stays(facts: Facts, known: Known) -> str:
    """What a rejection is about and what it leaves as it is."""
    c = facts.get("candidate") or {}
    role = next((a["title"] for a in facts.get("approvals") or () if a["role"] == known.get("item")), "")
    as_role = f" as *{said(role)}*" if role else ""
    told = said(name(facts, facts.get("lead", "")))
    return (
        f"You answer{as_role} for rc.{c.get('number', '')} at {links.commit(facts, str(c.get('sha') or ''))}. "
        f"The release stays in preparation; {told} is told your reason."
    )


def asks(facts: Facts, known: Known) -> str:
    """Who reads a question."""
    return f"{mention(facts, str(facts.get('lead') or ''))} is asked, in the thread of {said(facts.get('tag'))}."


def departure(facts: Facts, known: Known) -> str:
    """What follows from a move."""
    now = f"It leaves {date_token(facts, facts.get('departs_at'))}. " if facts.get("departs_at") else ""
    return f"{now}Freeze, preparation and announcements follow the new departure; whoever was told is told again."


def place_again(facts: Facts, known: Known) -> str:
    """Why a departure is asked for."""
    before = (facts.get("hold") or {}).get("gave_up")
    which = f" of {date_token(facts, before)}" if before else ""
    return f"It gave up its place on the train{which}, so it needs a departure. Who was told a date is told this one."


def cancel(facts: Facts, known: Known) -> str:
    """What ends with a cancelled release."""
    people = {p for a in facts.get("approvals") or () for p in a.get("asked") or ()} | {facts.get("lead")}
    return (
        f"This ends *{said(facts.get('tag'))}* for good. Branch and tags stay, its changes go back to the next scope, "
        f"{counted(len(people), 'person is', 'people are')} told."
    )


def rollback(facts: Facts, known: Known) -> str:
    """What a roll-back brings and costs."""
    production = (facts.get("environments") or {}).get("production") or {}
    live = production.get("version") == facts.get("version")
    back = production.get("previous") if live else production.get("version")
    count = (facts.get("scope") or {}).get("count") or 0
    run = facts.get("run") or {}
    what = f" The run says: {quoted(run['reason'], 200)}" if run.get("reason") else ""
    leave = "Its 1 change leaves" if count == 1 else f"All {counted(count, 'change')} leave"
    found = said_of(facts, known.get("speaks"), "rollback")
    return (
        f"Production goes back to *{f'v{said(back)}' if back else 'the version before'}*. {leave} with it, the number "
        f"is used up, and production stays locked until somebody clears it.{what}" + (f"\n{found}" if found else "")
    )


def switched(facts: Facts, known: Known) -> str:
    """What is known of the flag that was switched off."""
    return said_of(facts, known.get("speaks"), "flag_off", str(known.get("item") or ""))


def fix(facts: Facts, known: Known) -> str:
    """What fixing forward means meanwhile."""
    return (
        f"A hotfix is opened on the tag of *{said(facts.get('tag'))}* and gets the production lock. What fails goes on "
        "failing until it is out."
    ) + (f"\n{found}" if (found := said_of(facts, known.get("speaks"), "fix_forward")) else "")


def nogo(facts: Facts, known: Known) -> str:
    """What stays after a no-go."""
    return f"*{said(facts.get('tag'))}* stays in preparation. After that: move it, hold it, send it back or cancel it."


def early(facts: Facts, known: Known) -> str:
    """When the freeze comes by itself."""
    if not facts.get("freeze_at"):
        return ""
    return f"The freeze is {date_token(facts, facts['freeze_at'])}, and it comes by itself. Early, it needs a reason."


def live(facts: Facts, known: Known) -> str:
    """What an incident is about."""
    since = f", live since {date_token(facts, facts['live_at'])}" if facts.get("live_at") else ""
    return f"About *{said(facts.get('tag'))}*{since}. Those on duty are called at once."


def from_message(facts: Facts, known: Known) -> str:
    """That the message goes along, when there is one."""
    found = links.site(facts, known.get("item"), "the message")
    return f"It is kept with a link to {found}." if found.startswith("<") else ""


def reports(facts: Facts, known: Known) -> str:
    """What a report is about, and what becomes of it."""
    since = f", live since {date_token(facts, facts['live_at'])}" if facts.get("live_at") else ""
    return " ".join(filter(None, (f"About *{said(facts.get('tag'))}*{since}.", from_message(facts, known))))


def carry(facts: Facts, known: Known) -> str:
    """Who proposed to carry a concern, and why; else what carrying means."""
    found = [c for c in facts.get("concerns") or () if str(c["id"]) == known.get("item") or not known.get("item")]
    pair = (found[0].get("carry") or {}) if len(found) == 1 else {}
    if pair and not pair.get("second"):
        who = mention(facts, pair["by"])
        why = quoted(pair["reason"], 400)
        return f"{who} proposes to carry {quoted(found[0]['text'])} on: {why} You would be the second."
    return "Two people carry a concern into the next release: you say why, a second person joins. It blocks there."


def second(facts: Facts, known: Known) -> str:
    """Why a second person is needed."""
    return "Two people record the same; then it counts. Look at the host first: this is written down as a fact."
