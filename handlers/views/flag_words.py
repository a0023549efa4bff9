"""What people read about one flag: whom it is on for, what changed, who has to agree, and what waits for a look."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.effects import BOT
from core.domain.flags.guarding import GUARDED
from core.domain.flags.model import Setting
from core.domain.flags.telling import facts_of
from core.domain.slack_ids import is_person
from handlers import ids
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views.marks import DONE, LOOK
from handlers.views.writing import Data, Facts, counted, date_token, mention, plain, quoted, said, who

NOTHING = facts_of(Setting())
# What a message may lack that an older version wrote.
LACKS: Data = {
    "flag": "", "environment": GUARDED, "was": NOTHING, "becomes": NOTHING, "actor": "", "second": "", "reason": "",
    "steps": (), "pause": 0, "share": 0, "left": (), "why": "", "owner": "", "to": "", "answer": "agreed",
    "joins": (), "leaves": (),
    "end": "keep", "id": "", "digest": "", "at": "", "by": "", "right": True, "follows": "", "words": "",
}  # fmt: skip


def whom(setting: Setting) -> str:
    """Whom it is on for, in words."""
    return whom_of(facts_of(setting))


def whom_of(setting: Data) -> str:
    """The same of a setting as messages carry it."""
    if setting["off"]:
        return "off"
    parts = ["on for everybody"] if setting["on"] else []
    parts += [f"{setting['share']} %"] if setting["share"] else []
    parts += [counted(setting["people"], "person", "people")] if setting["people"] else []
    told = " and ".join(parts)
    told += ", narrowed" if setting["narrowed"] else ""
    told += f", {counted(setting['variants'], 'variant')}" if setting["variants"] else ""
    parents = ", ".join(setting["parents"])
    return f"{told}, with {plain(parents, 200)}" if parents else told


def owner_of(facts: Facts, owner: str) -> str:
    """Who decides about it: a person, or an account of the bot's machine."""
    return mention(facts, owner) if is_person(owner) else said(owner.partition(":")[2] or owner, 40)


def by_of(facts: Facts, person: str) -> str:
    if person == BOT:
        return "The roll-out"
    return who(facts, person) if is_person(person) else said(person.partition(":")[2] or person, 40)


def name_of(data: Data) -> str:
    return f"`{said(data.get('flag'))}`"


# --- what changed ----------------------------------------------------------------------------------------------------


def change_of(data: Data) -> str:
    """`raised ... in production from 10 % to 25 %`, without who did it."""
    before, after, where = data["was"], data["becomes"], said(data["environment"])
    flag = f"{name_of(data)} in {where}"
    if after["off"]:
        return f"switched {flag} off; it was {whom_of(before)}"
    if after["on"] and not before["on"]:
        return f"switched {flag} on for everybody"
    shares = {**before, "share": 0, "off": False} == {**after, "share": 0, "off": False}
    if shares and not after["on"]:
        verb = "raised" if after["share"] > before["share"] else "lowered"
        return f"{verb} {flag} from {before['share']} % to {after['share']} %"
    return f"changed {flag} from {whom_of(before)} to {whom_of(after)}"


def steps_of(data: Data) -> str:
    """`10 → 25 → 100 %, 24 hours between two steps`."""
    steps = " → ".join(str(share) for share in data["steps"])
    return f"{steps} %, {counted(int(data['pause']), 'hour')} between two steps"


def wanted_of(data: Data) -> str:
    """What somebody is asked to agree to."""
    if data.get("steps"):
        return f"roll {name_of(data)} out in {said(data['environment'])}: {steps_of(data)}"
    words = change_of(data)
    return {"switched": "switch", "raised": "raise", "lowered": "lower", "changed": "change"}[words.split()[0]] + words[
        len(words.split()[0]) :
    ]


def by_name(data: Data) -> str:
    """Who of the product is in by name from then on and who is no more, as lines: a count alone says of nobody who."""
    parts = (("In by name", data["joins"]), ("No more by name", data["leaves"]))
    return "".join(f"\n{what}: {said(', '.join(map(str, ids)), 1_000)}" for what, ids in parts if ids)


def why_of(data: Data) -> str:
    return f": {quoted(data['reason'], 600)}" if data.get("reason") else "."


def _changed(data: Data, facts: Facts) -> str:
    with_ = f", with {by_of(facts, data['second'])}" if data.get("second") else ""
    line = f"{by_of(facts, data['actor'])} {change_of(data)}{with_}{why_of(data)}"
    if data.get("glass"):
        line += f" {LOOK} In a freeze, by break-glass."
    if following := data.get("next"):
        when = date_token(facts, following["at"])
        line += f" Next: {following['share']} % {when}, by itself if nothing is reported."
    elif data["environment"] == GUARDED and not data.get("second"):
        line += " Somebody else looks at it afterwards."
    return line


def stays(data: Data, facts: Facts) -> str:
    return (
        f"{LOOK} {name_of(data)} stays at {data['share']} % in {said(data['environment'])}: {_reported(data)}. It "
        f"goes no further by itself; {_left(data)} is left."
    )


def _left(data: Data) -> str:
    return " → ".join(str(share) for share in data["left"]) + " %"


def _reported(data: Data) -> str:
    what, _, version = str(data["why"]).partition(" ")
    tag = f"v{said(version)}"
    return f"an incident of {tag} is open" if what == "incident" else f"the deployment of {tag} has failed"


def _stopped(data: Data, facts: Facts) -> str:
    return f"{by_of(facts, data['actor'])} stopped the roll-out of {name_of(data)}. It stays at {data['share']} %."


def _created(data: Data, facts: Facts) -> str:
    owner = owner_of(facts, data["owner"])
    return f"{by_of(facts, data['actor'])} made the flag {name_of(data)}, off everywhere; {owner} decides about it."


def _renamed(data: Data, facts: Facts) -> str:
    to = f"`{said(data['to'])}`"
    return f"{by_of(facts, data['actor'])} renamed the flag {name_of(data)} to {to}. Who is in stays in."


def _archived(data: Data, facts: Facts) -> str:
    return f"{DONE} {by_of(facts, data['actor'])} archived the flag {name_of(data)}{why_of(data)}"


def _belongs(data: Data, facts: Facts) -> str:
    if data["actor"] == BOT:
        return f"The code of this release brings the flag {name_of(data)}."
    return f"{by_of(facts, data['actor'])} says that the flag {name_of(data)} belongs to this release."


ENDED = {
    "keep": "keeps {flag} for one more release",
    "on": "decided that {flag} is on for everybody and its code is removed",
    "off": "decided that {flag} is off for everybody and its code is removed",
    "archive": "decided that {flag} is archived",
}


def ended(data: Data) -> str:
    """What somebody decided about a flag, without who."""
    return ENDED.get(str(data["end"]), ENDED["keep"]).format(flag=name_of(data))


def _decided(data: Data, facts: Facts) -> str:
    won = f" `{said(data['winner'])}` won." if data.get("winner") else ""
    result = f" Result: {quoted(data['result'], 600)}." if data.get("result") else ""
    return f"{DONE} {by_of(facts, data['actor'])} {ended(data)}{why_of(data)}{won}{result}"


def _line(write: Callable[[Data, Facts], str]) -> Callable[[Data, Facts], str]:
    return lambda data, facts: write({**LACKS, **data}, facts)


LINES: dict[str, Callable[[Data, Facts], str]] = {
    "flag_changed": _line(_changed),
    "flag_stays": _line(stays),
    "flag_stopped": _line(_stopped),
    "flag_created": _line(_created),
    "flag_renamed": _line(_renamed),
    "flag_archived": _line(_archived),
    "flag_belongs": _line(_belongs),
    "flag_decided": _line(_decided),
}


def ways(moment: str, data: Data) -> Block | None:
    """What can be done about a change in production, under its line."""
    if moment not in ("flag_changed", "flag_stays") or data.get("environment") != GUARDED:
        return None
    data = {**LACKS, **data}
    on = moment == "flag_stays" or not data["becomes"]["off"]
    following = moment == "flag_changed" and data.get("next")
    return b.actions(
        stop_button(str(data["flag"])) if following else None,
        change_button(str(data["flag"]), "Go on…") if moment == "flag_stays" else None,
        off_button(str(data["flag"])) if on else None,
        block_id="do",
    )


# --- buttons ---------------------------------------------------------------------------------------------------------


def change_button(flag: str, label: str = "Change…") -> Block:
    return b.button(label, "flag_set", ids.value(None, flag), about=f"{label.rstrip('…')} {flag}")


def off_button(flag: str) -> Block:
    return b.button("Off at once…", "flag_zero", ids.value(None, flag), about=f"Switch {flag} off at once")


def stop_button(flag: str) -> Block:
    return b.button("Stop it here", "flag_stop", ids.value(None, flag), about=f"Stop the roll-out of {flag}")


def show_button(flag: str, label: str = "Open") -> Block:
    return b.button(label, "flag_show", ids.value(None, flag), about=f"{label} {flag}")


def end_button(flag: str) -> Block:
    return b.button("Decide…", "flag_end", ids.value(None, flag), about=f"Decide about {flag}")
