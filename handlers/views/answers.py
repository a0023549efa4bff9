"""Small private answers: unknown words and versions, stale buttons, reminders, and when something does not work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers import ids
from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.card import card
from handlers.views.marks import RUNNING
from handlers.views.pressing import press
from handlers.views.writing import Facts, date_token, esc, in_words, instant, listed, mention, name, plain, said, spoken


def unknown_word(typed: str, guess: str, rest: str, before: str = "") -> Message:
    """The nearest word, which nothing runs by itself; `before` is what stands in front of it in the whole line."""
    shown = plain(typed, 40)
    if not guess:
        return b.message(
            f"I do not know {shown}. All words are in /release help.",
            b.section(f"I do not know `{said(typed, 40)}`."),
            b.actions(b.button("All words", "help"), block_id="onward"),
        )
    line = " ".join(f"{before} {guess} {rest}".split())
    return b.message(
        f"I do not know {shown}. Did you mean {guess}?",
        b.section(f"I do not know `{said(typed, 40)}`. Did you mean *{guess}*?"),
        b.actions(
            b.button(f"Run: {line}", "run", ids.value(None, line)), b.button("All words", "help"), block_id="onward"
        ),
    )


def no_version(version: str, flight: Sequence[Facts], ground: Facts) -> Message:
    """There is no such release; those in flight as buttons."""
    tag = f"v{plain(version, 40).removeprefix('v')}"
    names = [plain(f.get("tag", "")) for f in flight]
    rest = (
        f" In flight {'is' if len(names) == 1 else 'are'} {listed(names, 'and', 5)}."
        if names
        else " Nothing is in flight."
    )
    buttons = [b.button(n, "status", ids.value(f.get("id"))) for n, f in list(zip(names, flight, strict=True))[:4]]
    return b.message(
        f"There is no {tag}.{rest}",
        b.section(f"There is no {said(tag, 60)}.{esc(rest)}"),
        b.actions(*buttons, b.button("All releases", "list"), block_id="onward"),
    )


def mistyped(token: str, word: str, flight: Sequence[Facts]) -> Message:
    """What looks like a version and is none: it is neither guessed nor taken for a word of the reason."""
    found = no_version(token, flight, {})
    named = flight[0].get("version") if flight else "1.3.0"
    first = f"{word} {plain(named)}"
    hint = f"Nothing was changed. If it belongs to your words, name the release before it: /release {first} …"
    return b.message(f"{found.text} {hint}", found.blocks[0], b.context(said(hint, 200)), *found.blocks[1:])


def looked_for(words: str) -> Message:
    """Reading takes longer than Slack waits: what was asked for, and that the answer comes by itself."""
    text = f"Got it: {plain(words, 80)}. I answer here as soon as I have read it."
    return b.message(text, b.section(f"{RUNNING} {said(text, 300)}"))


def no_ref(name_: str) -> Message:
    """The remote has no tag, branch or commit of this name."""
    text = f"The remote has no {plain(name_, 60)}. Take a version, a tag, a branch or the start of a commit."
    return b.message(
        text, b.section(said(text, 300)), b.actions(b.button("All releases", "list"), block_id="onward")
    )


def takes(word: str, what: str, example: str) -> Message:
    """A word that needs more than was typed."""
    return b.message(
        f"{word} takes {what}. Example: /release {example}",
        b.section(f"`{said(word)}` takes {said(what)}. Example: `/release {said(example)}`"),
        b.actions(b.button("All words", "help"), block_id="onward"),
    )


def none_for(word: str, flight: Sequence[Facts]) -> Message:
    names = listed([f"{plain(f.get('tag', ''))} is in {f.get('phase')}" for f in flight], "and", 3)
    text = f"Nobody can {word} now. {names + '.' if names else 'Nothing is in flight.'}"
    return b.message(
        text,
        b.section(said(text, 300)),
        b.actions(b.button("All releases", "list"), b.button("All words", "help"), block_id="onward"),
    )


def not_shipped_here(
    version: str, words: str, urgent: bool, ground: Facts, may_fix: bool, told: Sequence[str] | None = None
) -> Message:
    """Something is wrong with a version that was live before the bot: who takes it on, with the words kept.

    `words` is what was typed; `urgent` for an incident; `may_fix` for who may start a hotfix; `told` are the people
    who hear of a report that was kept, None where nothing was.
    """
    tag = f"v{plain(version, 40)}"
    roles, members = ground.get("may") or {}, ground.get("members") or {}

    def people(*names: str) -> list[str]:
        return list(dict.fromkeys(p for role in names for p in members.get(role, ())))

    tell = people("release_manager", *(roles.get("start_hotfix") or () if urgent else ()))
    head = f"{tag} runs in production. It was live before I was here, so no release of mine has it."
    whom = listed([mention(ground, p) for p in tell], "or", 4) or "the release manager"
    by = "at once: a hotfix can mend it" if urgent else "about it: the next release can mend it"
    now = "You can start a hotfix for it now." if may_fix else f"Please tell {whom} {by}."
    if told is not None:
        reads = f" {listed([mention(ground, p) for p in told], 'and', 4)} read it now." if told else ""
        now = f"Your report is kept for the next release, which it blocks until it is settled.{reads}"
    kept = f"Your words, to send on: “{said(words, 900)}”" if words else ""
    fix = b.button("Start a hotfix…", "start", ids.value(None, "hotfix", plain(words, 300)), primary=urgent)
    return b.message(
        f"{head} {spoken(now, ground)}",
        b.section(f"*{said(head, 200)}*\n{now}"),
        b.section(kept) if kept and told is None else None,
        b.context("Nothing was kept. From the first release that I ship, I take this and call who is on duty.")
        if told is None
        else None,
        b.actions(fix if may_fix else None, b.button("Environments", "environments"), block_id="onward"),
    )


def stale(facts: Facts, now: datetime) -> Message:
    """The button was about something that has moved on: the fresh card."""
    tag, fresh = plain(facts.get("tag", "")), card(facts, now)
    c = facts.get("candidate")
    line = (
        f"This was about an earlier state of {tag}; nothing was changed."
        + (f" rc.{c['number']} is current." if c else "")
        + " Here is how it is now."
    )
    return b.message(f"{line} {fresh.text}", b.section(said(line, 300)), *fresh.blocks)


def other_commit(facts: Facts, sha: str) -> Message:
    """A commit was named that is not the candidate's."""
    c = facts.get("candidate") or {}
    tag = plain(facts.get("tag", ""))
    current = f"rc.{c.get('number')} at {str(c.get('sha') or '')[:7]} is current"
    text = f"{plain(sha, 12)} is not the candidate's commit of {tag}: {current}."
    return b.message(
        f"{text} Nothing was changed.",
        b.section(f"{said(text, 300)} Nothing was changed."),
        b.actions(b.button("Look and decide", "approve", ids.value(facts.get("id"))), block_id="onward"),
    )


def freeze_is_now(facts: Facts, day: str) -> Message:
    """A day stands behind `freeze`, which is no day that anybody can choose."""
    tag = plain(facts.get("tag", ""))
    line = (
        f"“{said(day, 40)}” is a day and no reason. {tag} is frozen by itself {date_token(facts, facts['freeze_at'])}, "
        "or at once with a reason; another day comes with another departure. Nothing was changed."
    )
    return b.message(
        spoken(line, facts),
        b.section(line),
        b.actions(press(facts, "freeze_early"), press(facts, "move"), block_id="onward"),
    )


def old_button(fresh: Message | None) -> Message:
    line = "This button is from an older version. Nothing was changed."
    return b.message(
        line,
        b.section(line + (" Here is the current card." if fresh else "")),
        *(fresh.blocks if fresh else [b.actions(b.button("All words", "help"), block_id="onward")]),
    )


def reminded(facts: Facts, person: str, sent: bool, at: str = "", by: str = "") -> Message:
    """`at`: when it reaches somebody who does not work now; `by`: who did it within the last four hours."""
    who, former = name(facts, person), f" by {name(facts, by)}" if by else ""
    if sent and at:
        later = f"is not at work now. My reminder of {plain(facts.get('tag', ''))} arrives"
        return b.message(
            f"{who} {later} {in_words(facts, at)}.",
            b.section(f"{mention(facts, person)} {said(later, 300)} {date_token(facts, at)}."),
        )
    line = (
        f"{who} is reminded of {plain(facts.get('tag', ''))}."
        if sent
        else f"{who} was reminded of this within the last 4 hours{former}, so I leave it at that."
    )
    return b.message(line, b.section(f"{mention(facts, person)}{said(line.removeprefix(who), 300)}"))


def busy() -> Message:
    text = "I could not save that, so nothing happened. Please press again in a minute."
    return b.message(text, b.section(text))


def unreachable(vendor: str, retryable: bool, facts: Facts | None = None) -> Message:
    """Another system did not answer, in the words of what it said."""
    told = facts or {}
    if vendor == "github":
        return _host(told)
    where = {"git": "The remote", "slack": "Slack"}.get(vendor, plain(vendor))
    again = "Please try again in a minute." if retryable else "Whoever set me up has to look at it."
    text = f"{where} did not answer, so nothing was changed. {again}"
    return b.message(text, b.section(said(text, 300)))


def _host(facts: Facts) -> Message:
    """The host of the code refuses, asks to wait, or is away: releases go on with plain git."""
    until = f" until {in_words(facts, facts['until'])}" if instant(facts.get("until")) else ""
    first = {
        "denied": "GitHub refuses my access. Whoever set me up must renew it.",
        "rate": f"GitHub asks me to wait{until or ' a while'}.",
        "missing": "GitHub does not have what I asked for.",
    }.get(str(facts.get("reason")), "GitHub did not answer.")
    text = (
        f"{first} Nothing was changed. Releases go on with plain git; milestone, pull requests and check results are "
        "as of the last answer."
    )
    return b.message(text, b.section(said(text, 400)))


def broken(reference: str) -> Message:
    text = f"Something in me failed before anything was saved. It is recorded as {reference}; please try once more."
    return b.message(text, b.section(text.replace(reference, f"`{reference}`")))
