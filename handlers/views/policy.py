"""The policy in words: which one is active, what a proposed one changes by rule, what a release would lose by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import DONE, LOOK, WAITS
from handlers.views.pressing import show
from handlers.views.writing import (
    Data,
    Facts,
    counted,
    date_token,
    day_token,
    listed,
    mention,
    plain,
    role_title,
    said,
    spoken,
    who,
)

MOST_RULES = 20
DATES = {
    "freeze_at": "the freeze",
    "prepare_at": "the preparation",
    "coming_at": "support's notice",
    "window_ends_at": "the end of the window",
}


def rule_line(row: Data) -> str:
    """`• who may cancel: release manager → release manager, executive`."""
    before, after = (said(row.get(key) or "", 200) for key in ("before", "after"))
    rule = said(row.get("rule"), 90)
    if not before:
        return f"• new: *{rule}*: {after}"
    return f"• *{rule}*: {before} → {after}" if after else f"• gone: *{rule}*: {before}"


def _rules(rows: Sequence[Data]) -> list[Block]:
    """As many sections as the lines need; what is over the limit is counted."""
    lines = [rule_line(r) for r in rows[:MOST_RULES]]
    if len(rows) > MOST_RULES:
        lines.append(f"and {len(rows) - MOST_RULES} more; `release-bot policy check` prints the whole file")
    parts = [lines[i : i + 5] for i in range(0, len(lines), 5)]
    return [b.section("\n".join(part), f"rules.{n}") for n, part in enumerate(parts)]


def policy(told: Data, flight: Sequence[Facts], known: Facts, person: str) -> Message:
    """`/release policy`."""
    since = f" since {day_token(known, told['at'])}" if told.get("at") else ""
    head = f"Policy {told['serial']} is active{since}, text `{str(told['hash'])[:12]}`."
    older = [f for f in flight if f.get("policy") != told["hash"]]
    buttons = [
        b.button(f"Move {plain(f['tag'])}…", "adopt_policy", ids.value(f["id"], "", str(f["epoch"])))
        for f in older[:4]
        if f.get("phase") not in ("deployment", "post-release")
    ]
    pinned = ""
    if older:
        tags = listed([said(f["tag"]) for f in older], "and", 4)
        pinned = f"{tags} {'is' if len(older) == 1 else 'are'} still judged by an older one."
    return b.message(
        spoken(f"{head} {_proposed_line(told.get('proposed'), known)}", known),
        b.section(head, "active"),
        *_proposed(told.get("proposed"), known, person),
        b.context(pinned),
        b.actions(*buttons, block_id="older"),
    )


def _proposed_line(row: Data | None, known: Facts) -> str:
    if row is None:
        return "No changed one waits for signatures."
    return f"Policy {row['serial']} waits for signatures: {_differ(len(row['rules']))}."


def _differ(rules: int) -> str:
    return counted(rules, "rule differs", "rules differ") if rules else "only comments differ"


def _proposed(row: Data | None, known: Facts, person: str) -> list[Block | None]:
    if row is None:
        how = "Who runs the bot proposes one: a file with a higher serial."
        return [b.context(f"No changed policy waits for signatures. {how}")]
    signed = listed([mention(known, p) for p in row["signed"]])
    missing = listed([said(role_title(known, r)) for r in row["missing"]])
    people = listed([mention(known, p) for p in row["may"]], "or", 4)
    sign = _sign(row) if person in row["may"] else None
    return [
        b.header(f"Policy {row['serial']} waits for signatures"),
        *_rules(row["rules"]),
        None if row["rules"] else b.section("Only comments differ, no rule."),
        b.section(
            f"{f'{DONE} Signed by {signed}. ' if signed else ''}{WAITS} Missing: {missing}, by different people. "
            f"{people or 'Nobody'} can sign.",
            "signatures",
        ),
        b.actions(sign, block_id="sign"),
    ]


def _sign(row: Data) -> Block:
    asks = b.confirm(
        f"Sign policy {plain(row.get('serial'))}?",
        "With the last signature new releases and the trains are judged by it. Releases in flight keep theirs until "
        "somebody moves them.",
        "Sign it",
        "Not yet",
    )
    text = str(row.get("hash") or "")[:64]
    return b.button("Sign it", "policy_sign", ids.value(None, text), primary=True, confirm=asks)


def _to_sign(data: Data, facts: Facts, person: str) -> Message:
    """To each whose signature counts for a changed policy: what it changes, and the button."""
    rows = [row for row in data.get("rules") or () if isinstance(row, Mapping)]
    line = f"Policy {said(data.get('serial'))} waits for your signature: {_differ(len(rows))}."
    return b.message(
        line,
        b.section(f"{WAITS} {line} Until it is signed the active one counts."),
        *_rules(rows),
        b.actions(_sign(data), b.button("The policy", "policy"), block_id="sign"),
    )


MOMENTS = {"policy_proposed": _to_sign}


def signed(told: Data, known: Facts) -> Message:
    """The answer to a signature."""
    if told["active"]:
        rest = "Releases in flight are still judged by theirs; each can be moved."
        line = f"{DONE} Policy {told['serial']} is active. {rest}"
    else:
        missing = listed([said(role_title(known, r)) for r in told["missing"]])
        line = f"{DONE} Signed. Policy {told['serial']} waits for a signature as {missing}."
    button = b.button("The policy", "policy")
    return b.message(spoken(line, known), b.section(line), b.actions(button, block_id="onward"))


# --- a release that is moved to it -----------------------------------------------------------------------------------


def consequences(told: Data, facts: Facts) -> str:
    """What moving a release changes for it, for the form and for the line of the thread."""
    lines = []
    if rows := _rows(told, "lost"):
        gone = listed([f"{mention(facts, str(d['person']))} ({said(d['role'])})" for d in rows])
        lines.append(f"{LOOK} No longer suffices, so it is void: the approval of {gone}.")
    if rows := _rows(told, "fallen"):
        gone = listed([f"“{said(d['title'])}” by {mention(facts, str(d['person']))}" for d in rows], "and", 5)
        lines.append(f"{LOOK} Falls: {gone}.")
    if told.get("passed"):
        lines.append(f"{LOOK} Passed gates are asked again: {listed([said(t) for t in told['passed']])}.")
    if told.get("new_items"):
        lines.append(f"New on its checklist: {listed([f'“{said(t)}”' for t in told['new_items']], 'and', 5)}.")
    for key, pair in (told.get("new_dates") or {}).items():
        before, after = (date_token(facts, x) if x else "none" for x in pair)
        lines.append(f"The train's rules changed: {DATES.get(key, said(key))} was {before} and is {after}.")
    return "\n".join(lines) or "Nothing that was signed falls, and its dates stay."


def _rows(told: Data, key: str) -> list[Data]:
    return [row for row in told.get(key) or () if isinstance(row, Mapping)]


def before_adopting(told: Data, facts: Facts) -> str:
    """The difference and what follows, above the question of the form."""
    rules = [rule_line(r) for r in (told.get("rules") or ())[:8]]
    rest = len(told.get("rules") or ()) - len(rules)
    more = f"\nand {rest} more rules: `/release policy` and the file name them" if rest > 0 else ""
    head = f"*{said(facts.get('tag'))}* is judged by policy {told.get('from_serial')}; active is {told.get('serial')}."
    return b.fit(f"{head}\n{chr(10).join(rules)}{more}\n\n{consequences(told, facts)}", 2900)


def adopted_line(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    by = who(facts, str(data.get("actor") or "")) if data.get("actor") else "Somebody"
    why = f": “{said(data['reason'], 900)}”" if data.get("reason") else "."
    head = f"{by} moved *{said(facts.get('tag') or 'The release')}* from policy {said(data.get('from_serial'))}"
    told = {k: v for k, v in data.items() if isinstance(v, list | dict)}
    return f"{head} to {said(data.get('serial'))}{why}\n{consequences(told, facts)}"


def nothing_to_adopt(facts: Facts) -> Message:
    """It is judged by the active policy."""
    text = f"{plain(facts.get('tag', ''))} is judged by the active policy already."
    return b.message(text, b.section(text), b.actions(show(facts, "why", "What is missing?"), block_id="onward"))
