"""The lifecycle as a table of rows. Card, help, refusal, docs and `/release why` all come from it.

A row says: this event, fired by a person or by itself, in these phases, leads to that phase, when its gates
name no blocker. What the event changes is one function in `core/domain/moves/`, under the same name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.domain.release import BEFORE_DEPLOYMENT, OPEN_PHASES, PHASE_LINE, Phase

P = Phase
ITSELF: Literal["itself"] = "itself"
PERSON: Literal["person"] = "person"
ANY_OPEN = tuple(p for p in Phase if p in OPEN_PHASES)
LIVE = (P.POST_RELEASE, P.CLOSED)


@dataclass(frozen=True, slots=True)
class Row:
    """One event.

    `sources` empty means "before the release exists". `target` None keeps the phase. `act` is the permission
    of the policy that a person needs ("" = everybody). `word` is the `/release` word, `button` its label;
    `held_ok` says whether it may fire on hold; `does` tells in a line what the event changes, for docs and help.
    """

    event: str
    by: Literal["person", "itself"]
    sources: tuple[Phase, ...]
    target: Phase | None
    gates: tuple[str, ...]
    does: str
    act: str = ""
    word: str = ""
    button: str = ""
    held_ok: bool = False


# fmt: off
TABLE: tuple[Row, ...] = (
    Row("start", PERSON, (), P.PLANNING, ("version_free", "departure_free", "notice", "production_known", "signable"),
        "minor, major: opens the release on its train; reads the scope", "start", "start", "Start a release"),
    Row("start_fix", PERSON, (), P.DEVELOPMENT,
        ("reason", "version_free", "production_known", "signable", "picks_fit"),
        "patch, hotfix: opens it on production's tag, without a train; cuts the branch", "start_hotfix", "start",
        "Start a release"),
    Row("begin", PERSON, (P.PLANNING,), P.DEVELOPMENT, ("scope_read", "signoffs", "freeze_date", "dependencies"),
        "development begins; stakeholders hear of the date", "begin", "begin", "Begin development", ),
    Row("freeze", ITSELF, (P.DEVELOPMENT,), P.STABILIZATION,
        ("by_train", "freeze_day", "scope_read", "notes_read", "scope_settled", "all_arrived", "git_free"),
        "cuts the branch from develop and tags rc.1", ""),
    Row("freeze_early", PERSON, (P.DEVELOPMENT,), P.STABILIZATION,
        ("by_train", "early_reason", "scope_read", "notes_read", "scope_settled", "all_arrived", "git_free"),
        "the same before its day, with a reason", "freeze", "freeze", "Freeze…"),
    Row("candidate", PERSON, (P.DEVELOPMENT, P.STABILIZATION, P.PREPARATION), P.STABILIZATION,
        ("has_branch", "head_moved", "contains_production", "notes_read", "fixes_only", "no_breaking", "git_free"),
        "tags rc.N on the branch's head; older signatures are void, tests are asked anew", "candidate", "candidate",
        "Tag a candidate"),
    Row("branch_moved", ITSELF, (P.STABILIZATION, P.PREPARATION), None, ("branch_ahead",),
        "names the commits that are in no candidate; what was signed stays", ""),
    Row("ready", PERSON, (P.STABILIZATION,), P.PREPARATION,
        ("has_candidate", "signoffs", "contains_production", "no_concern", "branch_settled", "candidate_read",
         "scope_settled", "notes_complete", "no_breaking", "git_free"),
        "asks for the approvals", "ready", "ready", "Make it ready"),
    Row("content_changed", ITSELF, (P.STABILIZATION, P.PREPARATION), None, ("content_moved",),
        "a part of what is signed is another one without a new candidate; its approvals are void and asked anew", "",
        held_ok=True),
    Row("approve", PERSON, (P.PREPARATION,), None, ("not_self", "one_role", "first_counts", "not_author"),
        "a signature for exactly this content", "", "approve", "Approve"),
    Row("joined", ITSELF, (P.PREPARATION,), None, ("someone_joined",),
        "who came into an approving role is asked too", ""),
    Row("reject", PERSON, (P.PREPARATION,), None, ("reason",),
        "blocks until that person lifts it or a new candidate comes", "", "reject", "Reject…"),
    Row("ask", PERSON, (P.PREPARATION,), None, ("reason",),
        "who may approve asks the authors something, in the thread; nothing is decided by it", "", "ask", "Ask…", True),
    Row("withdraw", PERSON, (P.STABILIZATION, P.PREPARATION), None, ("reason", "signed_before"),
        "takes one's own signature back, until production starts, or an override that nobody has confirmed", "",
        "withdraw", "Take it back…", True),
    Row("concern", PERSON, ANY_OPEN, None, ("reason",),
        "a blocking concern with a name", "", "concern", "Raise a concern…", True),
    Row("settle", PERSON, ANY_OPEN, None, ("reason", "concern_open"),
        "its author or the release manager says how it was settled", "", "settle", "Resolve…", True),
    Row("carry", PERSON, ANY_OPEN, None, ("carry_pair",),
        "two people carry a concern into the next release, where it blocks; the first says why", "carry", "carry",
        "Carry…", True),
    Row("carried_concern", ITSELF, BEFORE_DEPLOYMENT, None, ("carried_here",),
        "a concern that was carried out of an earlier release opens here", held_ok=True),
    Row("tick", PERSON, (*ANY_OPEN, P.CLOSED), None, ("signoff_open", ),
        "a checklist item is signed by the role that owns it", "", "tick", "Sign it off"),
    Row("untick", PERSON, ANY_OPEN, None, ("reason", "signoff_done"),
        "the signature on a checklist item is taken back", "", "untick", "Not done…"),
    Row("result", PERSON, (P.STABILIZATION, P.PREPARATION), None, ("has_candidate", "result_given", "result_new"),
        "somebody states the result of a test or review of this commit, with a link", "", "evidence",
        "I have a result…", True),
    Row("override", PERSON, (P.STABILIZATION, P.PREPARATION), None, ("override_fits", "override_pair"),
        "one person asks to pass one named gate and says why it cannot wait; with a second one it stands, for exactly "
        "this content", "", "override", "Break the glass…"),
    Row("review", PERSON, (*ANY_OPEN, P.CLOSED, P.CANCELLED), None, ("reason", "review_open"),
        "a third person says whether an override was right, and what follows", "", "review", "Review…", True),
    Row("stage", ITSELF, (P.PREPARATION,), None,
        ("approvals", "build_known", "staging_wanted", "staging_free", "no_concern"),
        "the approved candidate goes to staging", ""),
    Row("retry", PERSON, (P.DEVELOPMENT, P.PREPARATION, P.DEPLOYMENT), None, ("run_stopped", "production_ours"),
        "runs the failed step again; in development the cut of a patch's or hotfix's branch", "deploy",
        "retry", "Try again"),
    Row("back", PERSON, (P.PREPARATION,), P.STABILIZATION, ("reason",),
        "sends it back; the approvals are void", "back", "back", "Send it back…"),
    Row("go", PERSON, (P.PREPARATION,), P.DEPLOYMENT,
        ("approvals", "unexpired", "on_staging", "signoffs", "told", "window", "no_freeze", "no_concern",
         "production_free", "contains_production", "not_rolled_back", "new_number", "branch_settled", "no_stray",
         "same_build", "git_free"),
        "reads Slack and the remote afresh, then locks production, publishes tag, main and develop, deploys",
        "go", "go", "Go…"),
    Row("nogo", PERSON, (P.PREPARATION,), None, ("reason",),
        "the release stays; then move, hold, send back or cancel", "go", "nogo", "No-go…"),
    Row("abort", PERSON, (P.DEPLOYMENT,), P.PREPARATION, ("reason", "production_untouched"),
        "ends the deployment before anything changed; the lock is freed", "abort", "abort", "Abort…", True),
    Row("checks_failed", ITSELF, (P.DEPLOYMENT,), P.PREPARATION, ("checks_red",),
        "a check failed before anything changed: the deployment ends and the lock is freed", held_ok=True),
    Row("step_failed", ITSELF, (P.DEPLOYMENT,), None, ("run_failed",),
        "the run waits for a person: retry, it worked, roll back, fix forward, flag off", held_ok=True),
    Row("worked", PERSON, (P.DEPLOYMENT,), None, ("run_stopped", "production_ours", "reason"),
        "a person says the failed step did its work", "deploy", "worked", "It worked…"),
    Row("stop", PERSON, (P.PREPARATION, P.DEPLOYMENT), None, ("run_running",),
        "stops after the running step", "deploy", "stop", "Stop…", True),
    Row("flag_off", PERSON, (P.DEPLOYMENT, P.POST_RELEASE), None,
        ("reason", "flag_named", "production_ours"),
        "a flag that isolates the change is switched off by hand; verification is asked again", "deploy", "flag",
        "Flag is off…", True),
    Row("deployed", ITSELF, (P.DEPLOYMENT,), P.POST_RELEASE, ("run_done", "deploy_run", "signoffs"),
        "it is live; everybody is told", ""),
    Row("rollback", PERSON, (P.DEPLOYMENT, P.POST_RELEASE, P.CLOSED), P.DEPLOYMENT,
        ("reason", "severity", "in_production", "way_back", "signoffs", "second_pair", "no_other_run"),
        "a roll-back run to the version before", "rollback", "rollback", "Roll back…", True),
    Row("rolled_back", ITSELF, (P.DEPLOYMENT,), P.POST_RELEASE, ("run_done", "rollback_run"),
        "production runs the version before and is locked until somebody clears it; the number is burnt",
        held_ok=True),
    Row("rollback_failed", ITSELF, (P.DEPLOYMENT,), None, ("rollback_stopped",),
        "the run waits and people are called", held_ok=True),
    Row("record", PERSON, (P.DEPLOYMENT,), None,
        ("reason", "run_stopped", "recordable", "no_other_run"),
        "two people record what production runs", "rollback", "record", "Record what runs…", True),
    Row("fix_forward", PERSON, (P.DEPLOYMENT, P.POST_RELEASE), None,
        ("reason", "fixable", "not_being_fixed", "no_other_run"),
        "opens a hotfix on this tag and hands it the production lock", "rollback", "fix", "Fix forward…", True),
    Row("fixed", ITSELF, (P.DEPLOYMENT, P.POST_RELEASE), P.POST_RELEASE, ("fix_live",),
        "the hotfix is out: outcome \"fixed by\"", held_ok=True),
    Row("production_changed", ITSELF, BEFORE_DEPLOYMENT, None, ("lacks_production",),
        "names what this release lacks now and reads its scope again; a new candidate takes it in", ""),
    Row("move", PERSON, BEFORE_DEPLOYMENT, None, ("by_train", "departure_free", "notice"),
        "a new departure; dates and reminders follow", "move", "move", "Move it…", True),
    Row("merge", PERSON, BEFORE_DEPLOYMENT, P.CANCELLED,
        ("by_train", "reason", "merge_target", "git_idle"),
        "ends it in favour of the next release, which ships its changes", "move", "merge", "Merge into next…", True),
    Row("missed", ITSELF, BEFORE_DEPLOYMENT, None, ("departure_missed",),
        "asks: next train, extra, merge into next or cancel", ""),
    Row("hold", PERSON, ANY_OPEN, None, ("reason", "not_held"),
        "nothing moves until somebody resumes it", "hold", "hold", "Put on hold…"),
    Row("resume", PERSON, ANY_OPEN, None, ("held", "place_again"),
        "goes on, on a new departure when it gave up its place", "hold", "resume", "Resume", True),
    Row("cancel", PERSON, BEFORE_DEPLOYMENT, P.CANCELLED, ("reason", "git_idle"),
        "ends it for good; requests are withdrawn", "cancel", "cancel", "Cancel this release…", True),
    Row("close", ITSELF, (P.POST_RELEASE,), P.CLOSED,
        ("signoffs", "no_incident", "reports_triaged", "not_being_fixed", "overrides_reviewed",
         "flags_decided", "lock_cleared", "actions_decided"),
        "the record is complete", "close", "close", "Close"),
    Row("incident", PERSON, LIVE, None, ("reason",),
        "something is wrong with what is live; offers roll back and hotfix", "",
        "incident", "Something is wrong…", True),
    Row("resolve", PERSON, LIVE, None, ("reason", "incident_open"),
        "the incident is over", "", "resolve", "It is solved…", True),
    Row("report", PERSON, LIVE, None, ("reason", "report_kind"),
        "feedback or a bug about what is live; QA says what it is", "", "report", "Report something…", True),
    Row("triage", PERSON, LIVE, None, ("reason", "report_open"),
        "says what a report is: bug, duplicate, not a bug, hotfix or next release", "triage", "triage", "Triage…",
        True),
    Row("retro_opened", ITSELF, (P.POST_RELEASE,), None, ("retro_wanted",),
        "the retrospective is opened: a meeting, who is invited, an entry in the calendar", held_ok=True),
    Row("retro_say", PERSON, LIVE, None, ("retro_there", "retro_given"),
        "somebody answers the questions of the retrospective, or mends their answers", "", "retro", "Give feedback",
        True),
    Row("retro_add", PERSON, LIVE, None, ("retro_there", "reason", "retro_question"),
        "one line more for the retrospective, or a message with its author", "", "retro add",
        "Add to the retrospective…", True),
    Row("retro_move", PERSON, LIVE, None, ("retro_open", "retro_time"),
        "its meeting gets another time", "retro", "retro at", "Move the meeting…", True),
    Row("retro_summary", PERSON, LIVE, None, ("retro_open", "retro_said"),
        "posts what was said, proven and resolved, and closes it; meets its item of the checklist", "retro",
        "retro summary", "Post the summary…", True),
    Row("action_add", PERSON, LIVE, None, ("action_given",),
        "an action item with owner and day, which comes back on the next release's checklist", "", "action",
        "Add an action item…", True),
    Row("actions_came", ITSELF, BEFORE_DEPLOYMENT, None, ("actions_arriving",),
        "open action items of earlier retrospectives stand on its checklist", held_ok=True),
    Row("action_done", PERSON, (*ANY_OPEN, P.CLOSED), None, ("action_known",),
        "its owner or who leads retrospectives says that an action item is done", "", "action done", "Done", True),
    Row("action_keep", PERSON, ANY_OPEN, None, ("action_known", "action_here"),
        "an action item goes on to the release after this one", "", "action keep", "Keep", True),
    Row("action_drop", PERSON, (*ANY_OPEN, P.CLOSED), None, ("reason", "action_known"),
        "nobody will do an action item, with a reason", "", "action drop", "Drop with a reason…", True),
    Row("edit", PERSON, BEFORE_DEPLOYMENT, None, ("no_candidate", "edit_fits", "edit_dates", "git_idle"),
        "corrects type, date, version or title before the first candidate", "edit", "edit", "Correct it…"),
    Row("adopt_policy", PERSON, BEFORE_DEPLOYMENT, None, ("reason", "policy_newer", "git_idle"),
        "it is judged by the active policy from now on; approvals that no longer suffice are void", "policy",
        "policy adopt", "Move it to the policy…", True),
    Row("cast", PERSON, ANY_OPEN, None, ("cast_fits",),
        "says who fills which role on this release; who is new gets the open points", "roles", "roles",
        "Change the roles…", True),
    Row("depend", PERSON, (P.PLANNING, P.DEVELOPMENT), None, ("reason",),
        "a dependency with its owner", "scope", "depends", "Add a dependency…"),
    Row("scope_add", PERSON, BEFORE_DEPLOYMENT, None, ("ref_given", "not_in_scope", "branch_ready", "scope_free"),
        "something is wanted in it; late, or on a patch or hotfix, it is picked onto the branch", "scope",
        "scope add", "Take it in…"),
    Row("scope_drop", PERSON, BEFORE_DEPLOYMENT, None, ("ref_given", "in_scope", "removable", "scope_free"),
        "something is moved out by name; what is on the branch is taken back there", "scope", "scope drop",
        "Take it out…"),
    Row("pull", PERSON, BEFORE_DEPLOYMENT, None, ("conflict_met", "on_host", "git_free"),
        "opens a pull request in which people solve what git could not merge, pick or take back", "candidate", "pull",
        "Open a pull request", True),
    Row("accept", PERSON, ANY_OPEN, None, ("reason", "acceptable"),
        "somebody answers for a late change that is no fix, or for a ref that moved without the bot", "accept",
        "accept", "Answer for it…", True),
    Row("classify", PERSON, ANY_OPEN, None, ("unit_known", "edit_given"),
        "an item of the notes gets its heading, its words or an embargo", "notes", "classify", "Choose a heading…",
        True),
    Row("words", PERSON, ANY_OPEN, None, (), "the texts for stakeholders and support are mended",
        "notes", "notes", "Mend the texts…", True),
)
# fmt: on

BY_EVENT: dict[str, Row] = {row.event: row for row in TABLE}
# Beside the table: what changes the calendar of the product, and no release (see `usecases/trains`).
TRAIN_WORDS = {"skip": "Skip a train…", "shift": "Move a train…", "extra": "Add a departure…"}
# ... what changes an environment or stops everything (see `usecases/environments`) ...
ENVIRONMENT_WORDS = {
    "lock": "Lock…",
    "unlock": "Clear the lock…",
    "data": "Say how old its data are…",
    "deploy": "Put it on integration",
    "pause": "Pause everything…",
    "unpause": "Go on again",
}
# ... what is practised (see `usecases/drills`) ...
DRILL_WORDS = {"drill": "Drill…"}
# ... and rehearsed (see `usecases/rehearsing`) ...
REHEARSAL_WORDS = {"rehearse": "Rehearse a release"}
# ... what somebody follows (see `usecases/people`) ...
FOLLOW_WORDS = {"follow": "Follow all releases", "unfollow": "Follow nothing"}

# ... and what people say about themselves (see `usecases/people`).
PEOPLE_WORDS = {"delegate": "Let somebody stand in…", "away": "I am away…", "settings": "My settings…"}


def row(event: str) -> Row:
    return BY_EVENT[event]


def rows_in(phase: Phase, by: str | None = None) -> tuple[Row, ...]:
    """The rows that start in a phase, in the table's order."""
    return tuple(r for r in TABLE if phase in r.sources and (by is None or r.by == by))


def to_mermaid(rows: Iterable[Row] = TABLE) -> str:
    """The table as a Mermaid state diagram: phase changes as arrows, dashed words for what keeps the phase."""

    def name(phase: Phase | None) -> str:
        return "[*]" if phase is None else phase.value.replace("-", "_")

    nowhere: tuple[Phase | None, ...] = (None,)
    lines = ["stateDiagram-v2"]
    arrows: dict[tuple[str, str], list[str]] = {}
    for r in rows:
        if r.target is None:
            continue
        for source in r.sources or nowhere:
            if source is not r.target:
                arrows.setdefault((name(source), name(r.target)), []).append(r.event)
    lines += [f"    {here} --> {there}: {', '.join(events)}" for (here, there), events in arrows.items()]
    for phase in (Phase.CLOSED, Phase.CANCELLED):
        lines.append(f"    {name(phase)} --> [*]")
    for phase in (*PHASE_LINE, Phase.CLOSED):
        stay = ", ".join(r.event for r in rows if r.target is None and phase in r.sources)
        if stay:
            lines.append(f"    note right of {name(phase)}: {stay}")
    return "\n".join(lines) + "\n"
