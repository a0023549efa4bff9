"""What `/release metrics` answers: a short reading, every number with what it stands on, and how each is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.domain.metrics.model import GROUPS, Measure, Report
from core.domain.metrics.periods import FORMS
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.metrics_words import days, headline, moved, number, percent, told
from handlers.views.writing import Facts, counted, listed, role_title, said, spoken

FEW_NAMED = 4  # releases behind a number that are named beside it
OPENED = 5
LONGEST_PART = 1400
EXAMPLES = (("Last 90 days", "last 90 days"), ("This quarter", "this quarter"), ("Last month", "last month"))


def metrics(report: Report, facts: Facts, budget: int, *, chart: bool = False, here: bool = True) -> Message:
    """The private answer. `budget` is how many channel posts a release may have, `chart` says that one is coming,
    `here` that there is a channel to post it in."""
    head, lines = headline(report), list(reading(report, facts, budget))
    value = ids.value(None, report.period.name)
    coming = "The chart comes to you in a direct message. " if chart else ""
    return b.message(
        spoken(f"{head}. {' '.join(lines[:3])}", facts),
        b.section(f"*{said(head, 200)}.* {' '.join(lines)}", "reading"),
        *_groups(report),
        b.context(coming + _small_print(report)),
        b.actions(
            b.button("Post it here", "metrics_post", value) if here and not report.empty else None,
            b.button("How is this counted?", "metrics_counted", value),
            None if report.empty else b.button("Which releases?", "metrics_behind", value),
            b.button("Status page", "page", about="The address of the page for people without Slack"),
            block_id="do",
        ),
    )


def posted(report: Report, facts: Facts, budget: int, by: str) -> Message:
    """The same for a channel: the reading alone; the chart follows it."""
    head, lines = headline(report), list(reading(report, facts, budget))
    value = ids.value(None, report.period.name)
    return b.message(
        spoken(f"{head}. {' '.join(lines[:3])}", facts),
        b.section(f"*{said(head, 200)}.* {' '.join(lines)}", "reading"),
        b.context(f"Asked for by {by}. {_small_print(report)}"),
        b.actions(
            b.button("All numbers", "metrics", value),
            b.button("How is this counted?", "metrics_counted", value),
            block_id="do",
        ),
    )


def above(report: Report, facts: Facts, budget: int) -> str:
    """What stands above the chart that comes by direct message: what matters most of the reading."""
    return f"*{said(headline(report), 200)}.* {' '.join(list(reading(report, facts, budget))[:2])}"


# --- the reading -----------------------------------------------------------------------------------------------------


def reading(report: Report, facts: Facts, budget: int) -> Iterator[str]:
    """One sentence for each fact that matters; nothing about what was not seen."""
    if report.empty:
        yield "Nothing was recorded then. The numbers begin with the first release that goes to production."
        return
    yield from _sentences(report)
    waits = report.measure("approval_wait")
    if waits.value is not None:
        longest = next((name for name, part in waits.parts if part.value is not None), "")
        where = f", longest with {said(role_title(facts, longest), 40)}" if longest and len(waits.parts) > 1 else ""
        yield f"Approvals waited {days(waits.value)} at the median{where}."
    posts = report.measure("channel_posts")
    if posts.value is not None:
        yield f"Channel posts {number(posts, posts.value)}, budget {budget}."


def _sentences(report: Report) -> Iterator[str]:
    lead = report.measure("lead_time")
    if lead.value is not None:
        before = f", was {days(lead.before)}" if lead.before is not None else ""
        yield f"Lead time, median {days(lead.value)} (n = {lead.n:,}{before}){moved(lead)}."
    success = report.measure("deployment_success")
    if success.value is not None:
        low, high = success.interval or (0.0, 1.0)
        sure = f"{percent(success.value)}, 95 % interval {low * 100:.0f}-{high * 100:.0f} %"
        yield f"Deployment success {success.part or 0:g} of {success.n} ({sure})."
    for code, title, one in (
        ("recovery_time", "Recovery of a failed deployment", "failure"),
        ("time_to_resolve", "Time to resolve", "incident"),
    ):
        measure = report.measure(code)
        if measure.value is not None:
            yield f"{title}, median {days(measure.value)} (n = {measure.n})."
        elif measure.few:
            values = listed([days(value) for value in measure.few])
            yield f"{title}: {counted(measure.n, one)}, {values}; too few for a median."
    missed = report.measure("trains_missed")
    if missed.part:
        yield f"{counted(int(missed.part), 'departure')} of {missed.n} went without the release that stood on it."


# --- all numbers -----------------------------------------------------------------------------------------------------


def _groups(report: Report) -> Iterator[Block]:
    for group, title in GROUPS.items():
        found = [m for m in report.measures if m.group == group and m.state != "no data"]
        if found:
            yield b.section(f"*{title}*\n" + "\n".join(_line(m) for m in found), f"group.{group}")


def _line(measure: Measure) -> str:
    behind = [f"v{said(one.version)}" for one in measure.releases if one.version]
    shown = f" · {listed(behind)}" if 0 < len(behind) <= FEW_NAMED else ""
    guessed = f" · {measure.estimated} estimated by people" if measure.estimated else ""
    return f"• {measure.title}: {told(measure)}{guessed}{shown}"


def _small_print(report: Report) -> str:
    missing = [m.title for m in report.measures if m.state == "no data"]
    lines = [f"No data: {listed(missing)}."] if missing and not report.empty else []
    lines += [f"{said(note, 200)}." for note in report.notes]
    if report.compared is not None and any(m.before is not None for m in report.measures):
        lines.append("“was” is the same length of time before; a change is named only where it is more than chance.")
    return " ".join(lines)


# --- how, and of what -------------------------------------------------------------------------------------------------


def how_counted(report: Report) -> Message:
    """Each definition, in the words by which it is computed."""
    text = "Each number has one definition. n counts what was looked at; intervals are 95 % sure; below 5 values there "
    text += "is no median; no data is never 0."
    lines = [f"• *{m.title}*: {said(m.definition, 600)}" for m in report.measures]
    return b.message(text, b.section(text), *(b.section("\n".join(part)) for part in _parts(lines)))


def _parts(lines: Sequence[str]) -> list[list[str]]:
    """The lines in sections that Slack does not fold away."""
    made: list[list[str]] = [[]]
    for line in lines:
        if sum(map(len, made[-1])) + len(made[-1]) + len(line) > LONGEST_PART:
            made.append([])
        made[-1].append(line)
    return [part for part in made if part]


def behind(report: Report) -> Message:
    """The releases that each number came from, and a way to the newest of them."""
    rows = [(m, m.releases) for m in report.measures if m.releases]
    lines = [f"• *{m.title}*: {listed([f'v{said(one.version)}' for one in found], 'and', 12)}" for m, found in rows]
    newest = {one.release: one.version for _, found in rows for one in found}
    opened = [
        b.button(f"Open v{version}", "status", ids.value(release), about=f"Open v{version}")
        for release, version in sorted(newest.items(), reverse=True)[:OPENED]
    ]
    text = f"The releases behind the numbers of {report.period.words}"
    shown = (b.section("\n".join(part)) for part in _parts(lines))
    return b.message(f"{text}.", b.section(f"*{text}*"), *shown, b.actions(*opened, block_id="open"))


def no_period(why: str) -> Message:
    """What was typed is no period of which there could be numbers."""
    line = f"{said(why[:1].upper() + why[1:], 300)}."
    examples: Sequence[Block] = [b.button(label, "metrics", ids.value(None, name)) for label, name in EXAMPLES]
    return b.message(
        spoken(line, {}),
        b.section(line),
        None if FORMS in why else b.context(f"A period is one of these: {said(FORMS, 200)}."),
        b.actions(*examples, block_id="examples"),
    )
