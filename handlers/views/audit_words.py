"""The entries of a record in words: an event by its label and what the table says it does, a report by what came in."""

from __future__ import annotations

import re

from core.domain.lifecycle import BY_EVENT

REPORTED = {
    "git.found": "what was asked for was looked up in git",
    "git.planned": "git has a plan",
    "git.pushed": "git has published it",
    "git.moved": "somebody else was faster in git",
    "git.refused": "git could not do it",
    "git.tried": "the promotion was rehearsed",
    "scope.read": "the range was read",
    "forge.milestone": "its milestone was set",
    "forge.pull": "a pull request was opened for it",
    "forge.release": "its release page was published",
    "forge.latest": "the latest release page was corrected",
    "forge.read": "checks, milestone and titles were read",
    "evidence.taken": "results for the candidate came in",
    "members.read": "roles were read from Slack",
    "fixes.read": "what it leaves on its branch was read",
    "flags.read": "its feature flags were read",
    "range.read": "the difference of two candidates was read",
    "heads.seen": "the branches were looked at",
    "run.step": "a step of a run began or ended",
    "run.done": "a run has ended well",
    "run.failed": "a run has failed",
    "posted": "an announcement is out",
    "hour": "something was due",
    "progress": "what had moved since the morning before was told",
    "restored": "restored from a backup",
    "reminder_dropped": "a reminder was of no use any more",
    "reminder_answered": "somebody's word ended a reminder",
    "archived": "its documents were filed away",
    "package.sent": "somebody was given a package of evidence",
    "retention.told": "release managers heard what will be deleted",
    "retention.done": "what had reached its age was deleted",
    "retention.logs": "deployment logs have expired",
    "retention.erased": "a package of evidence has expired",
    "retention.held": "a legal hold keeps its evidence",
    "retention.lifted": "a legal hold was lifted",
    "outbox.ruled": "a person decided about a message",
}


def done(verb: str) -> str:
    """`Make it ready: asks for the approvals` for an event, `the range was read` for a report."""
    row = BY_EVENT.get(verb)
    if row is None:
        return REPORTED.get(verb) or re.sub(r"[._]", " ", verb)
    label = row.button.rstrip("…") or verb.replace("_", " ").capitalize()
    return f"{label}: {row.does.partition(';')[0]}"
