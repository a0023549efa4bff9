"""The words of each blocker code, as data; `reasons.py` fills them in."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.views.marks import BLOCKED, WAITS


@dataclass(frozen=True, slots=True)
class Words:
    """`title` names the condition, `line` follows "Waits for @X" or "Blocked by" on the card, `detail` explains it.

    `do` and `label` are the button of a person who can clear it. Names in braces are facts of the blocker; `{who}`
    are the people who can clear it, named at the end of the detail when the detail does not name them.
    """

    mark: str
    title: str
    line: str
    detail: str
    do: str = ""
    label: str = ""


def _waits(title: str, line: str, detail: str, do: str = "", label: str = "") -> Words:
    return Words(WAITS, title, line, detail, do, label)


def _blocked(title: str, line: str, detail: str, do: str = "", label: str = "") -> Words:
    return Words(BLOCKED, title, line, detail, do, label)


UNKNOWN = _blocked("Condition {code}", "the condition {code}", "It is not met yet{since}.")
_TAG = ("candidate", "Tag a candidate")
_RETRY = ("retry", "Try again")

# fmt: off
PEOPLE = {
    "approval": _waits("Approval of the {role}", "to approve as {role}{asked}{overdue}", "{asks}{due}", "approve",
        "Look and decide"),
    "rejected": _blocked("A rejection by {by}", "a rejection by {by}: “{reason}”",
        "{by} rejected {candidate} as {role}{on}: “{reason}”. A new candidate or a new answer of {by} lifts this.",
        "approve", "Answer again"),
    "expired": _waits("An approval that has run out", "to approve again as {role}",
        "The approval of {by} as {role} has run out after {days} days.", "approve", "Look and decide"),
    "signoff": _waits("{title}", "to sign off: {title}", "{signs}", "tick", "Sign it off"),
    "signoff.unknown": _blocked("A checklist item", "an item that is not on the list",
        "“{item}” is not on this list."),
    "signoff.later": _blocked("{title}", "an item that comes later", "Its time has not come: it belongs to {gate}."),
    "signoff.open": _blocked("{title}", "an item that is open",
        "It is not signed, so there is nothing to take back."),
    "concern": _blocked("A concern of {by}", "a concern of {by}: “{text}”",
        "{by} raised it{on}: “{text}”. {who} can say how it was settled.", "settle", "Settle it…"),
    "concern.gone": _blocked("A concern", "a concern that is settled", "That concern is settled already."),
    "not_self": _blocked("A second pair of eyes", "an approval by somebody else",
        "You started {version}, so you cannot approve it yourself."),
    "one_role": _blocked("Two people for two roles", "a signature by another person",
        "You already signed as {signed}. Two roles need two people."),
    "not_author": _blocked("Somebody who did not write it", "an approver who wrote none of it",
        "You wrote a commit in {version} ({commits}), so somebody else approves it."),
    "not_holder": _blocked("The role {roles}", "somebody in the role {roles}",
        "Only the {roles} answers this for {version}: {who}."),
    "left_role": _waits("A signature of somebody who left the role", "to sign as {roles}",
        "{left} no longer holds the role {roles}. {who} holds it now.", "approve", "Look and decide"),
    "go.interrupted": _waits("A go that stands", "to say go again",
        "It was on hold since go was said, so go has to be said again.", "go", "Go…"),
    "signed_already": _blocked("Another signature", "a signature that is given",
        "You have signed this already; another person has to sign it too."),
    "signed_before": _blocked("A signature of yours", "no signature to take back",
        "You have not signed this content of {version}, so there is nothing to take back."),
    "signable": _blocked("Somebody who may approve", "approvals that nobody can give",
        "With this starter nobody could give every approval ({roles}). Somebody else has to start it."),
    "permission": _blocked("Permission", "a permission", "This needs another role."),
    "reason": _blocked("A reason", "a missing reason", "Say in a sentence why: {least} to {most} characters."),
    "early_reason": _blocked("A reason for freezing early", "a missing reason",
        "The freeze is on {at}; before that say why it comes early."),
    "severity": _blocked("How bad it is", "a missing answer", "Say how bad it is: {one_of}."),
    "flag_named": _blocked("The flag", "a missing name", "Name the flag that was switched off."),
}
# fmt: on
# fmt: off
PLAN = {
    "version_free": _blocked("A free number", "the number {version}, which is taken",
        "{version} is taken already. A number is never used twice."),
    "version_fits": _blocked("A number that fits", "a number that does not fit",
        "{version} does not fit a {type} release on {base}."),
    "number_burnt": _blocked("A number that is still free", "the tag {version}, which is out already",
        "The tag {version} is out with other content, and tags are never used twice. Cancel this one and start the "
            "next number."),
    "older": _blocked("A newer number than production's", "a number that is not newer than production's",
        "{production} runs in production, and {version} is not newer."),
    "edit.nothing": _blocked("A correction", "nothing to correct", "Nothing was changed in the form."),
    "edit.kind": _blocked("The same kind of departure", "a change between train and no train",
        "A {from} release cannot become a {to} release. Cancel it and start the other kind."),
    "edit.branch": _blocked("A release without a branch", "a branch that is cut already",
        "{branch} is cut already, so number and kind stay."),
    "departure_past": _blocked("A departure ahead", "a departure that has passed",
        "{at} has passed or is no departure."),
    "departure_free": _blocked("A free departure", "a departure that {version} has",
        "{version} leaves on {at} already."),
    "notice": _blocked("A notice of {days} days", "a notice of {days} days",
        "This kind of release is announced {days} days ahead; the first possible time is {earliest}."),
    "version.taken": _blocked("A free number", "a number that is taken",
        "Another release took {version} a moment ago. A number is never used twice."),
    "departure.taken": _blocked("A free departure", "a departure that is taken",
        "Another release took {at} a moment ago."),
    "adopted": _blocked("A product that is not adopted yet", "a product that is adopted",
        "Production is known already: it runs {version}."),
    "production_known": _blocked("What runs in production", "an unknown version in production",
        "I do not know what runs in production yet."),
    "scope_read": _waits("The history read from the remote", "the history is being read",
        "I am reading what changed since {base}; it goes on by itself."),
    "freeze_date": _blocked("A freeze date", "a missing freeze date", "It has no departure yet.", "move", "Choose…"),
    "freeze_day": _waits("The freeze day", "the freeze, {at}", "It freezes by itself on {at}."),
    "by_train": _blocked("A release with a train", "a kind of release without a train",
        "A {type} release leaves when it is ready; it has no train and no freeze."),
    "dependency": _blocked("The dependency “{text}”", "the dependency “{text}”, which has no owner",
        "Nobody owns it yet.", "depends", "Name an owner…"),
    "merge_target": _blocked("A next release to merge into", "no release to merge into",
        "{into} cannot take the scope: it is {why}."),
    "told.stakeholders": _blocked("Stakeholders told", "stakeholders, who have not been told",
        "They hear of {version} when development begins.", "notes", "Read the text"),
    "told.support": _blocked("Support told", "support, which has not been told",
        "Support hears of {version} the working day before.", "notes", "Read the text"),
    "told": _blocked("{tail} told", "{tail}, not told yet", "They have not heard of {version}."),
    "train_when": _blocked("A date", "a missing date", "Say when, for example 18 dec 14:00."),
    "train_none": _blocked("A departure to skip", "a day without a departure", "No train leaves on {at}."),
    "train_exists": _blocked("A new departure", "a departure that exists", "A train leaves on {at} already."),
    "unlocked": _blocked("A lock", "no lock to clear", "Production is not locked."),
    "lock_in_use": _blocked("A lock that may be cleared", "a lock that is in use",
        "{version} is going out by {by}; the lock is freed when that ends."),
}
# fmt: on
# fmt: off
CONTENT = {
    "has_branch": _blocked("A release branch", "a missing release branch", "{branch} is not on the remote yet."),
    "head_moved": _blocked("A new commit", "no new commit since {last}",
        "{branch} has no commit that is not in {last}. Merge a fix first."),
    "has_candidate": _blocked("A candidate", "a missing candidate", "No candidate is tagged yet.", *_TAG),
    "no_candidate": _blocked("A release without a candidate", "a candidate that is tagged",
        "{candidate} is tagged, so number, kind and date stay as they are."),
    "contains_production": _blocked("{version} inside", "{version}, which is live and not in it",
        "{version} runs in production and is not in it. A new candidate takes it in.", *_TAG),
    "branch.ahead": _blocked("Commits that are in no candidate", "commits that are not in {candidate}",
        "{branch} is at {head}, beyond {candidate}: tag {next} or take the commits off.", *_TAG),
    "rolled_back_inside": _blocked("A repair of what was rolled back", "{version}, which was rolled back",
        "It contains {version}, which was rolled back. The tech lead signs that it is repaired.", "tick",
        "It is repaired"),
    "git.busy": _waits("Git is at work", "git is at work",
        "I am publishing the {purpose}{since}; I answer when the remote has confirmed."),
    "git.failed": _blocked("The remote did not take it", "a {purpose} that git could not make",
        "The {purpose} could not be published{on}. {problems} No branch has moved.",
        "freeze", "Freeze…"),
    "git.rejected": _blocked("The remote refused", "a push that the remote refused",
        "The remote refused the push: {detail}. No ref has moved; tag and branches are as before. An owner of the "
            "repository must allow it.", *_RETRY),
    "git.drift": _blocked("A commit on main that nobody signed", "a commit on main that is not in it",
        "{branch} got what is not in {version}: {commits}. It would go out "
        "unsigned, so I have stopped; no branch has moved.", *_TAG),
    "git.behind": _blocked("What production runs", "a candidate without what production runs",
        "{detail} A new candidate takes it in.", *_TAG),
    "git.conflict": _blocked("A merge conflict", "a merge conflict with {branch}",
        "{version} cannot be merged into {branch}: conflicts in {files}. No branch has moved."),
    "git.branch_missing": _blocked("The branch", "a branch that is gone", "{branch} is not on the remote.", *_RETRY),
    "git.branch_exists": _blocked("A free branch name", "a branch that exists already",
        "{branch} is on the remote already, at another commit. It was not touched."),
    "git.branch_moved": _blocked("The branch where it was", "a branch that moved on",
        "{branch} moved on meanwhile; the newest commit is taken with the next candidate.", *_TAG),
    "git.moved": _blocked("A remote that stands still", "refs that moved meanwhile",
        "Somebody pushed meanwhile, again and again. {detail} No ref has moved.", *_RETRY),
    "git.tag_exists": _blocked("The tag", "a tag that exists already",
        "The tag {tag} is on the remote at another commit. Tags are never moved."),
    "git.commit_missing": _blocked("The commit", "a commit that is not on the remote",
        "The commit {commit} is not on the remote."),
    "git.bad_name": _blocked("A name that git takes", "a name that git does not take",
        "“{name}” cannot be the name of a branch or tag."),
    "git.shallow": _blocked("The whole history", "a history that was cut off",
        "My copy of the history is not whole, so I publish nothing from it."),
    "git": _blocked("Git", "something git said no to", "{detail} No ref has moved.", *_RETRY),
}
# fmt: on
# fmt: off
SHIPPING = {
    "staging.busy": _waits("Staging", "staging, which is kept for {version}", "It is {version}'s turn on staging."),
    "staging.running": _waits("The run on staging", "the run on staging", "It is going there{since}."),
    "staging.failed": _blocked("The run on staging", "a failed run on staging", "It failed{on}. {reason}", *_RETRY),
    "staging.other": _waits("{candidate} on staging", "staging, after the approvals",
        "It goes there by itself after the approvals."),
    "window": _waits("The window", "the window, {opens}", "It may go from {opens} until {closes}."),
    "window.over": _blocked("The window", "a window that is over",
        "The window closed {closes}. Move it to another departure.", "move", "Move it…"),
    "freeze": _blocked("Freeze “{name}”", "the freeze “{name}”, until {until}",
        "Nothing goes to production until {until}. A hotfix may pass."),
    "production.locked": _blocked("Production is locked", "the lock on production, for {version}",
        "Locked for {version} by {by}{since}. {reason}", "unlock", "Clear the lock…"),
    "production.busy": _waits("Production", "production, where {version} is going out", "{version} is going out."),
    "lock": _blocked("The lock on production", "the lock on production", "It is locked{since}. {reason}", "unlock",
        "Clear the lock…"),
    "run.none": _blocked("A run that waits", "no run that waits for a decision",
        "Nothing of {version} waits for a decision there."),
    "run.over": _blocked("A run that is under way", "no run that is under way",
        "Nothing of {version} is running there."),
    "run.changed": _blocked("Production untouched", "a production that has changed",
        "Production may have changed, so it cannot be aborted. Roll back or fix forward.", "rollback", "Roll back…"),
    "run.not_done": _waits("The run in production", "the run in production", "It is still going on."),
    "run.missing": _waits("The deployment", "the deployment", "It has not started yet."),
    "not_live": _blocked("Something that is live", "a release that is not live", "Production runs {production}."),
    "way_back": _blocked("A way back", "no version to go back to", "I do not know what ran before {version}."),
    "record.unknown": _blocked("A version that can be running", "an unknown version",
        "It can only be one of {one_of}."),
    "incident": _blocked("The incident “{text}”", "the open incident “{text}”", "Open{since}.", "resolve",
        "It is solved…"),
    "incident.gone": _blocked("An incident", "an incident that is over", "That incident is over already."),
    "being_fixed": _waits("The hotfix {version}", "the hotfix {version}", "It closes after {version} is out."),
    "held": _blocked("A hold", "the hold of {by}: “{reason}”", "On hold by {by}{since}: “{reason}”.", "resume",
        "Resume"),
    "departure_needed": _blocked("A new departure", "a departure that is not named",
        "{version} gave its place on the train up. Name the departure with which it goes on.", "resume", "Resume…"),
    "second_person": _blocked("A second person", "a signature and a roll-back by one person",
        "You signed “{title}” yourself, so somebody else rolls back: {who}.", "rollback", "Roll back…"),
    "not_held": _blocked("A release on hold", "nothing to resume", "It is not on hold."),
    "phase": _blocked("Another phase", "its phase, {phase}", "It is in {phase}; this is possible in {in}."),
    "nothing_new": _blocked("Something new", "nothing new", "Nothing has changed since."),
}
# fmt: on
TABLE: dict[str, Words] = {**PEOPLE, **PLAN, **CONTENT, **SHIPPING}
