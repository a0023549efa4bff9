"""Every metric, once: what it is called, how it is counted, and the function that counts it.

`docs/metrics.md` is made from this table, the report is computed from it, and *How is this counted?* shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.domain.metrics.model import Period
from core.domain.metrics.rows import Brought, Deployment, Rows, Story
from core.domain.metrics.samples import Definition, Durations, Found, Mean, Share

HOTFIX = "hotfix"
DEPLOYED = "Finished deployments to production: a release brought there until it ran or was given up; what was tried "\
    "again is one deployment, a roll-back is not counted among them."  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What of the rows lies in the period: deployments by their end, changes by when they ran in production,
    releases by when they first ran there, and all releases for what has an instant of its own."""

    period: Period
    deployments: Sequence[Deployment]
    changes: Sequence[Brought]
    shipped: Sequence[Story]
    stories: Sequence[Story]


def view(rows: Rows, period: Period) -> View:
    """The rows of a period; what is given may hold more than that."""
    start, end = period.start, period.end
    return View(
        period,
        [d for d in rows.deployments if d.finished_at is not None and start <= d.finished_at < end],
        [c for c in rows.changes if start <= c.live_at < end],  # the only long list
        [s for s in rows.stories if s.live_at is not None and start <= s.live_at < end],
        rows.stories,
    )


# --- DORA's five ------------------------------------------------------------------------------------------------------


def deployment_frequency(v: View) -> Found:
    done = [d for d in v.deployments if d.done]
    return Mean(len(done), v.period.weeks, len(done), _ids(done), Counter(d.type for d in done))


def lead_time(v: View) -> Found:
    return Durations([c.lead for c in v.changes if c.lead is not None], {c.release for c in v.changes})


def change_fail_rate(v: View) -> Found:
    failed = [d for d in v.deployments if d.failed]
    return Share(len(failed), len(v.deployments), _ids(failed), Counter(d.failed for d in failed))


def recovery_time(v: View) -> Found:
    failed = [(d, d.finished_at, d.recovered_at) for d in v.deployments if d.failed]
    took = [(d, (back - end).total_seconds()) for d, end, back in failed if end and back]
    parts: dict[str, list[float]] = {}
    for d, seconds in took:
        parts.setdefault(d.failed, []).append(seconds)
    return Durations([seconds for _, seconds in took], _ids(d for d, _ in took), parts)


def rework_rate(v: View) -> Found:
    rework = [d for d in v.deployments if d.type == HOTFIX]
    return Share(len(rework), len(v.deployments), _ids(rework))


# --- release health ---------------------------------------------------------------------------------------------------


def deployment_success(v: View) -> Found:
    gone = [d for d in v.deployments if not d.done or d.failed == "rolled back"]
    return Share(len(v.deployments) - len(gone), len(v.deployments), _ids(gone))


def rollback_frequency(v: View) -> Found:
    gone = [d for d in v.deployments if d.failed == "rolled back"]
    return Share(len(gone), len(v.deployments), _ids(gone))


def time_to_detect(v: View) -> Found:
    seen = [(d, (d.signal_at - d.started_at).total_seconds()) for d in v.deployments if d.failed and d.signal_at]
    estimated = sum(d.estimated for d, took in seen if took >= 0)
    return Durations([took for _, took in seen], _ids(d for d, _ in seen), estimated=estimated)


def time_to_resolve(v: View) -> Found:
    over = [(s, i, i.resolved_at) for s in v.stories for i in s.incidents if v.period.holds(i.resolved_at)]
    took = [(s, i, (at - i.detected_at).total_seconds()) for s, i, at in over if at]
    parts: dict[str, list[float]] = {}
    for _, i, seconds in took:
        parts.setdefault(i.severity or "no severity", []).append(seconds)
    estimated = sum(i.estimated for _, i, seconds in took if seconds >= 0)
    return Durations([seconds for *_, seconds in took], _ids(s for s, *_ in took), parts, estimated)


# --- code quality -----------------------------------------------------------------------------------------------------


def coverage(v: View) -> Found:
    known = [(s, s.quality.coverage) for s in v.shipped if s.quality.coverage is not None]
    return Durations([percent for _, percent in known if percent is not None], _ids(s for s, _ in known))


def static_analysis(v: View) -> Found:
    known = [(s, s.quality.findings) for s in v.shipped if s.quality.findings is not None]
    return Durations([found for _, found in known if found is not None], _ids(s for s, _ in known))


def review_participation(v: View) -> Found:
    asked = [c for c in v.changes if c.reviewed is not None]
    seen = sum(bool(c.reviewed) for c in asked)
    return Share(seen, len(asked), {c.release for c in asked if not c.reviewed})


# --- process ----------------------------------------------------------------------------------------------------------


def cycle_time(v: View) -> Found:
    return Durations([c.cycle for c in v.changes if c.cycle is not None], {c.release for c in v.changes})


def preparation_time(v: View) -> Found:
    ready = [(s, s.ready_at) for s in v.stories if v.period.holds(s.ready_at)]
    took = [(s, (at - s.started_at).total_seconds()) for s, at in ready if at]
    parts: dict[str, list[float]] = {}
    for s, seconds in took:
        parts.setdefault(s.type, []).append(seconds)
    return Durations([seconds for _, seconds in took], _ids(s for s, _ in took), parts)


# --- people -----------------------------------------------------------------------------------------------------------


def approval_wait(v: View) -> Found:
    given = [(s, w) for s in v.stories for w in s.waits if v.period.holds(w.answered_at)]
    parts: dict[str, list[float]] = {}
    for _, w in given:
        parts.setdefault(w.role, []).append((w.answered_at - w.asked_at).total_seconds())
    values = [(w.answered_at - w.asked_at).total_seconds() for _, w in given]
    return Durations(values, _ids(s for s, _ in given), parts)


def trains_missed(v: View) -> Found:
    missed = [s for s in v.stories for at in s.missed if v.period.holds(at)]
    left = [s for s in v.shipped if s.train]
    return Share(len(missed), len(missed) + len(left), _ids(missed))


def overrides(v: View) -> Found:
    passed = [s for s in v.shipped if s.overrides]
    return Share(len(passed), len(v.shipped), _ids(passed))


def reminders_answered(v: View) -> Found:
    sent = [(s, r) for s in v.stories for r in s.reminded if v.period.holds(r.at)]
    answered = [s for s, r in sent if v.period.holds(r.answered_at)]
    return Share(len(answered), len(sent), _ids(s for s, r in sent if not v.period.holds(r.answered_at)))


def channel_posts(v: View) -> Found:
    return Mean(sum(s.posts for s in v.shipped), len(v.shipped), len(v.shipped), _ids(v.shipped))


def feedback(v: View) -> Found:
    return _told(v, "feedback")


def bugs(v: View) -> Found:
    return _told(v, "bug")


def _told(v: View, kind: str) -> Found:
    told = [s for s in v.shipped for t in s.told if t.kind == kind]
    return Mean(len(told), len(v.shipped), len(v.shipped), _ids(told))


def _ids(found: Iterable[Deployment | Story]) -> set[int]:
    return {x.release for x in found}


# --- the table --------------------------------------------------------------------------------------------------------

# fmt: off
METRICS: tuple[tuple[Definition, Callable[[View], Found]], ...] = (
    (Definition("deployment_frequency", "Deployment frequency", "delivery", "per week",
        "Deployments of the period that came to run in production, divided by its weeks; a roll-back is none of them.",
        "runs in production"), deployment_frequency),
    (Definition("lead_time", "Lead time: commit to production", "delivery", "seconds",
        "For each change that came to run in production: from its commit until its deployment was done. Of a pull "
        "request the newest commit of its own counts, not its merge. Merges and what the bot prepared for the release "
        "are no changes; what was rolled back counts again when it comes back.",
        "git, runs in production"), lead_time),
    (Definition("change_fail_rate", "Change fail rate", "delivery", "share",
        "Deployments that somebody had to intervene about, of all deployments: rolled back, fixed forward by a hotfix, "
        "a flag switched off, an incident, or given up half-way. One deployment fails once, however much happened.",
        "runs, hotfixes, flags, incidents"), change_fail_rate),
    (Definition("recovery_time", "Failed deployment recovery time", "delivery", "seconds",
        "For each failed deployment: from its end until production was well again: the roll-back was done, the hotfix "
        "was live and verified, the flag was off, or the last incident was resolved. Those that still burn are named.",
        "runs, hotfixes, flags, incidents"), recovery_time),
    (Definition("rework_rate", "Deployment rework rate", "delivery", "share",
        "Deployments of hotfixes, of all deployments: work that nobody had planned.",
        "runs in production"), rework_rate),
    (Definition("deployment_success", "Deployment success", "health", "share",
        "Deployments that came to run in production and were not rolled back, of all deployments.",
        "runs in production"), deployment_success),
    (Definition("rollback_frequency", "Roll-backs", "health", "share",
        "Deployments that were rolled back, of all deployments; begun roll-backs count. "
        "A roll-back changes production too, but it is told here alone: else every failure would add a success.",
        "runs in production"), rollback_frequency),
    (Definition("time_to_detect", "Time to detect", "health", "seconds",
        "For each failed deployment: from its beginning until the first sign: a failed step, an incident, a reported "
        "bug, or the press that rolled back, fixed forward or switched a flag off. What a person dated is estimated.",
        "runs, incidents, reports"), time_to_detect),
    (Definition("time_to_resolve", "Time to resolve", "health", "seconds",
        "For each incident that was resolved in the period: from when it was detected until it was resolved.",
        "incidents"), time_to_resolve),
    (Definition("coverage", "Test coverage", "quality", "percent",
        "For each release that came to run in production: the newest share of covered lines that was reported for its "
        "commit before that.",
        "evidence"), coverage),
    (Definition("static_analysis", "Findings of static analysis", "quality", "count",
        "For each release that came to run in production: the findings that were reported for its commit before that, "
        "of every tool its newest result; what was suppressed there does not count.",
        "evidence"), static_analysis),
    (Definition("review_participation", "Review participation", "quality", "share",
        "Changes whose newest commit somebody else than its author approved, of the changes that came to run in "
        "production and whose pull request could be read.",
        "pull requests"), review_participation),
    (Definition("cycle_time", "Cycle time", "process", "seconds",
        "For each change that came to run in production: from its first commit, or from when its pull request was "
        "opened if that came first, until its deployment was done. Overlaps with the lead time.",
        "git, pull requests, runs in production"), cycle_time),
    (Definition("preparation_time", "Preparation time", "process", "seconds",
        "For each release that was made ready for approval in the period: from its start until then the first time. "
        "By the clock on the wall, nights and weekends included.",
        "the lifecycle"), preparation_time),
    (Definition("approval_wait", "Waiting for approvals", "people", "seconds",
        "For each answer to a request for approval, yes or no: from when the role was asked, anew when its approval "
        "fell, until the answer. By the clock on the wall, by role.",
        "signatures"), approval_wait),
    (Definition("trains_missed", "Trains missed", "people", "share",
        "Departures that a release stood on and did not leave with, of those and the releases that left by train.",
        "the lifecycle"), trains_missed),
    (Definition("overrides", "Releases with an override", "people", "share",
        "Releases that came to run in production and of which two people had passed a gate, of all that did.",
        "overrides"), overrides),
    (Definition("reminders_answered", "Reminders answered", "people", "share",
        "Reminders about a release after which the person did what they ask for before the period ended, of all that "
        "the bot sent in it; of those that people sent, whose condition was met.",
        "reminders"), reminders_answered),
    (Definition("channel_posts", "Posts in the channel", "people", "per release",
        "Messages in the team's channel about the releases that came to run in production, whenever they were posted, "
        "for each of these; threads and direct messages are none.",
        "posts"), channel_posts),
    (Definition("feedback", "Feedback", "people", "per release",
        "Feedback that people reported about the releases that came to run in production, for each of these.",
        "reports"), feedback),
    (Definition("bugs", "Bugs reported", "people", "per release",
        "Bugs that people reported about the releases that came to run in production, whatever they turned out to be.",
        "reports"), bugs),
)
# fmt: on

DEFINITIONS: dict[str, Definition] = {definition.code: definition for definition, _ in METRICS}
