"""THE table of words behind `/release`; `handlers/words.py` looks words up in it."""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = ("Look", "Prepare", "Decide", "Ship", "People and calendar", "Record")

# What may stand behind a word. "reason" is the rest of the line in the person's own words.
VERSION, KIND, PEOPLE, DATE, SHA, ROLE, ITEM, REF, REASON = (
    "version",
    "kind",
    "people",
    "date",
    "sha",
    "role",
    "item",
    "ref",  # what is in a release: `#345`, `AA-171`, a commit
    "reason",
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or two that belong together (`scope add`).

    `event` is the lifecycle event it asks for, `show` the view it opens; a word has one of them or both.
    `form` says when it opens its form: "always", "unless reason" (words given are enough) or "never".
    `label` is the button that does the same.
    """

    word: str
    group: str
    does: str
    example: str
    who: str = "everybody"
    aliases: tuple[str, ...] = ()
    takes: tuple[str, ...] = (VERSION,)
    event: str = ""
    show: str = ""
    form: str = "never"
    label: str = ""


def _look(word: str, does: str, example: str, label: str, *aliases: str, takes: tuple[str, ...] = (VERSION,)) -> Word:
    return Word(word, "Look", does, example, aliases=aliases, takes=takes, show=word, label=label)


MANAGER = "release manager"
SAID = (VERSION, REASON)

# fmt: off
WORDS: tuple[Word, ...] = (
    _look("status", "the card of a release", "status 1.3.0", "Open", "show"),
    _look("list", "one line for each release", "list done", "All releases", takes=(REASON,)),
    _look("why", "what a release waits for, whose move it is and since when", "why", "What is missing?"),
    _look("scope", "what is in it", "scope", "What is in it?"),
    Word("notes", "Look", "the notes for an audience, gaps first; mend them", "notes support",
        "everybody; edit: the team", takes=(VERSION, ITEM), show="notes", event="words", label="Mend the texts…"),
    _look("diff", "the changes between two versions by heading, or since the version that it is based on",
        "diff 1.2.2 1.3.0-rc.2", "See all changes"),
    _look("where", "which environments and versions hold an issue, a pull request or a commit", "where AA-171",
        "Where is it?", takes=(REF, REASON)),
    _look("checklist", "what has to be signed off, yours first", "checklist", "Checklist"),
    _look("plan", "what is done on the day and by whom, how long it takes, the way back; review it", "plan 1.3.0",
        "The plan"),
    _look("environments", "which version is where, locks, who may deploy there, how old the data are", "env",
        "Environments", "env", takes=()),
    _look("flags", "feature flags: whom each is on for in each environment, and who decides about it", "flags",
        "Flags", takes=()),
    Word("start", "Prepare", "opens a release; without words the form", "start hotfix payments fail",
        f"{MANAGER}; hotfix also tech lead and DevOps", takes=(KIND, VERSION, PEOPLE, DATE, REASON), event="start",
        form="unless kind", label="Start a release"),
    Word("begin", "Prepare", "development begins, stakeholders hear of the date", "begin", MANAGER, event="begin",
        label="Begin development"),
    Word("freeze", "Prepare", "cuts the branch; before its day with a reason", "freeze early: office move",
        f"{MANAGER}, tech lead", takes=SAID, event="freeze_early", form="unless reason", label="Freeze…"),
    Word("candidate", "Prepare", "tags the next candidate", "candidate", f"{MANAGER}, tech lead, QA", ("rc",),
        event="candidate", label="Tag a candidate"),
    Word("ready", "Prepare", "asks for the approvals", "ready", f"{MANAGER}, QA", event="ready",
        label="Make it ready"),
    Word("edit", "Prepare", "corrects kind, date, version or title before the first candidate", "edit 1.3.0", MANAGER,
        event="edit", form="always", label="Correct it…"),
    Word("scope add", "Prepare", "takes something in; after the freeze it is picked onto the branch",
        "scope add #345", f"{MANAGER}, product manager", takes=(VERSION, REF, REASON), event="scope_add",
        form="unless ref", label="Take it in…"),
    Word("scope drop", "Prepare", "leaves something out; after the freeze it is reverted on the branch",
        "scope drop #345 the export is not ready", f"{MANAGER}, product manager", takes=(VERSION, REF, REASON),
        event="scope_drop", form="unless ref", label="Take it out…"),
    Word("scope finalize", "Prepare", "signs that the scope is final", "scope finalize", "product manager",
        event="tick", label="The scope is final"),
    Word("pull", "Prepare", "opens a pull request for what git could not merge, pick or take back", "pull develop",
        f"{MANAGER}, tech lead, QA", takes=(VERSION, REASON), event="pull", label="Open a pull request"),
    Word("classify", "Prepare", "puts a change under its heading in the notes, in your words",
        "classify #338 fix card payments time out no more", "the team", takes=(VERSION, REF, REASON), event="classify",
        form="unless ref", label="Choose a heading…"),
    Word("depends", "Prepare", "notes a dependency with its owner and date", "depends on billing-api 2.4 @dana 9 dec",
        f"{MANAGER}, product manager", takes=(VERSION, PEOPLE, DATE, REASON), event="depend", form="unless reason",
        label="Add a dependency…"),
    Word("tick", "Prepare", "signs off a checklist item", "tick notes.final", "the role that owns the item",
        ("done",), (VERSION, ITEM, REASON), event="tick", label="Sign it off"),
    Word("untick", "Prepare", "takes a sign-off back, with a reason", "untick notes.final a line is wrong",
        "the role that owns the item", takes=(VERSION, ITEM, REASON), event="untick", form="unless reason",
        label="Not done…"),
    Word("evidence", "Prepare", "what was tested and measured on the candidate; state a result with a link",
        "evidence 1.3.0", "everybody; state: who owns the item", show="evidence", event="result",
        label="I have a result…"),
    Word("approve", "Decide", "shows the content to sign; with the commit it signs at once",
        "approve 1.3.0 8f3c2ab as qa", "holders of the role", ("sign",), (VERSION, SHA, ROLE), event="approve",
        label="Approve"),
    Word("reject", "Decide", "blocks until you lift it or a new candidate comes", "reject 1.3.0 wrong month",
        "holders of the role", takes=(VERSION, SHA, ROLE, REASON), event="reject", form="always", label="Reject…"),
    Word("ask", "Decide", "asks the authors something before you sign, in the thread", "ask why is payments in it?",
        "holders of an approving role", takes=SAID, event="ask", form="unless reason", label="Ask…"),
    Word("withdraw", "Decide", "takes your own signature back", "withdraw I looked at the wrong build", "who signed",
        takes=SAID, event="withdraw", form="unless reason", label="Take it back…"),
    Word("concern", "Decide", "a blocking concern with your name", "concern search is slow on staging", takes=SAID,
        event="concern", form="unless reason", label="Raise a concern…"),
    Word("settle", "Decide", "says how a concern was settled", "settle the index was missing",
        f"its author, {MANAGER}", takes=SAID, event="settle", form="unless reason", label="Resolve…"),
    Word("carry", "Decide", "carries a concern into the next release, where it blocks; two people do it",
        "carry the old search stays until then", f"{MANAGER}, tech lead, product manager, QA", takes=SAID,
        event="carry", form="always", label="Carry…"),
    Word("accept", "Decide", "answers for a late change that is no fix, or for a branch or tag that was moved by hand",
        "accept 1.3.0 #345 the bank needs it", f"tech lead, {MANAGER}", takes=(VERSION, REF, REASON), event="accept",
        form="unless ref", label="Answer for it…"),
    Word("hold", "Decide", "nothing moves until somebody resumes it", "hold waiting for the bank",
        f"{MANAGER}, tech lead, QA", takes=SAID, event="hold", form="unless reason", label="Put on hold…"),
    Word("resume", "Decide", "goes on; on a new departure when it gave up its place",
        "resume", f"{MANAGER}, tech lead, QA",
        takes=(VERSION, DATE, REASON), event="resume", label="Resume"),
    Word("back", "Decide", "sends it back to stabilization; the approvals are void", "back the export is broken",
        f"QA, {MANAGER}, tech lead", takes=SAID, event="back", form="unless reason", label="Send it back…"),
    Word("move", "Decide", "another departure; says first what follows from it", "move 1.3.0 30 dec", MANAGER,
        takes=(VERSION, DATE, REASON), event="move", form="always", label="Move it…"),
    Word("merge", "Decide", "ends it in favour of the next release", "merge 1.3.0", MANAGER, takes=SAID,
        event="merge", form="always", label="Merge into next…"),
    Word("cancel", "Decide", "ends it for good; before deployment only", "cancel scope fell apart", MANAGER,
        takes=SAID, event="cancel", form="always", label="Cancel this release…"),
    Word("go", "Ship", "sends it to production, after a last look", "go",
        f"{MANAGER}, DevOps: those whom the policy's `[types]` name for its kind", takes=SAID,
        event="go", form="always", label="Go…"),
    Word("nogo", "Ship", "it stays, with a reason", "nogo half the team is ill", f"{MANAGER}, DevOps", takes=SAID,
        event="nogo", form="unless reason", label="No-go…"),
    Word("stop", "Ship", "stops after the running step; `stop now` ends that one too", "stop now", "who may deploy",
        takes=(VERSION, ITEM), event="stop", label="Stop…"),
    Word("abort", "Ship", "ends a deployment before anything changed", "abort wrong evening",
        f"{MANAGER}, DevOps, tech lead", takes=SAID, event="abort", form="unless reason", label="Abort…"),
    Word("retry", "Ship", "runs the failed step again", "retry", "who may deploy", event="retry", label="Try again"),
    Word("worked", "Ship", "says the failed step did its work", "worked I looked at the host", "who may deploy",
        takes=SAID, event="worked", form="unless reason", label="It worked…"),
    Word("override", "Ship", "break-glass: two people pass one named gate, loudly; a third one reviews it",
        "override evidence.tests.performance the bank is down", "the policy's `[override]` roles",
        takes=(VERSION, ITEM, REASON), event="override", form="unless reason", label="Break the glass…"),
    Word("drill", "Ship", "practises break-glass and a roll-back decision with two people; nothing ships",
        "drill the new tech lead has never done it", "the policy's `[override]` roles", takes=(REASON,),
        event="drill", form="always", label="Drill…"),
    Word("rehearse", "Ship",
        "plays a release in this channel, on a copy; `rehearse next` goes to the next hour, `rehearse end` stops it",
        "rehearse minor", f"{MANAGER}; hotfix also tech lead and DevOps", takes=(KIND, REASON), event="rehearse",
        label="Rehearse a release"),
    Word("review", "Ship", "says whether an override was right, and what follows", "review 1.3.0",
        "the policy's `[override]` reviewers", takes=SAID, event="review", form="always", label="Review…"),
    Word("rollback", "Ship", "back to the version before", "rollback payments fail", f"{MANAGER}, DevOps, tech lead",
        takes=SAID, event="rollback", form="always", label="Roll back…"),
    Word("record", "Ship", "two people record what production runs", "record 1.3.0", f"{MANAGER}, DevOps, tech lead",
        takes=SAID, event="record", form="always", label="Record what runs…"),
    Word("flag", "Ship", "says that a flag was switched off; verification is asked again", "flag new_search off",
        "who may deploy", takes=(VERSION, ITEM, REASON), event="flag_off", form="always", label="Flag is off…"),
    Word("fix", "Ship", "opens a hotfix on this tag", "fix payments fail", f"{MANAGER}, DevOps, tech lead",
        takes=SAID, event="fix_forward", form="unless reason", label="Fix forward…"),
    Word("lock", "Ship", "keeps an environment for you: nobody else deploys there",
        "lock staging the load test runs until friday 18:00", "who may deploy there", takes=(REASON,), event="lock",
        form="unless reason", label="Lock…"),
    Word("unlock", "Ship", "clears a lock; production's when no environment is named", "unlock the hotfix is out",
        f"{MANAGER}, DevOps, whose lock it is", takes=(REASON,), event="unlock", form="unless reason",
        label="Clear the lock…"),
    Word("data", "Ship", "says of which day the data of an environment are", "data staging 2026-11-02",
        "who may deploy there", takes=(REASON,), event="data", form="unless reason",
        label="Say how old its data are…"),
    Word("deploy", "Ship",
        "puts the candidate on integration for regression; `deploy integration develop` takes develop there again",
        "deploy integration 1.3.0", "who may deploy there", takes=(REASON,), event="deploy",
        label="Put it on integration"),
    Word("pause", "Ship", "nothing fires by itself and nothing reaches git, hosts or GitHub until somebody says go on",
        "pause the data centre moves", f"{MANAGER}, tech lead, DevOps", takes=(REASON,), event="pause",
        form="unless reason", label="Pause everything…"),
    Word("resume all", "Ship", "lets everything go on after a pause", "resume all", f"{MANAGER}, tech lead, DevOps",
        ("unpause",), (REASON,), event="unpause", label="Go on again"),
    Word("incident", "Ship", "something is wrong with what is live", "incident payments fail", takes=SAID,
        event="incident", form="always", label="Something is wrong…"),
    Word("resolve", "Ship", "the incident is over", "resolve the index is back", takes=SAID, event="resolve",
        form="unless reason", label="It is solved…"),
    Word("report", "Ship", "feedback or a bug about what is live; QA says what it is",
        "report bug a search ends with an empty page", takes=SAID, event="report", form="unless reason",
        label="Report something…"),
    Word("triage", "Ship", "says what a report is: a bug, a duplicate, not a bug, a hotfix, the next release",
        "triage", f"QA, {MANAGER}", takes=SAID, event="triage", form="always", label="Triage…"),
    Word("roles", "People and calendar", "who fills which role on a release; change it", "roles 1.3.0",
        f"everybody; change: {MANAGER}", show="roles", event="cast", form="always", label="Change the roles…"),
    Word("delegate", "People and calendar",
        "who stands in for you: until a day, or without one whenever you are not there; `delegate off` ends it",
        "delegate @erika until friday as product manager", "yourself", takes=(PEOPLE, DATE, ROLE, REASON),
        event="delegate", form="unless reason", label="Let somebody stand in…"),
    Word("away", "People and calendar", "when you are not there, both days included; `away off` ends it",
        "away 21 dec 4 jan", "yourself", takes=(DATE, REASON), event="away", form="unless date", label="I am away…"),
    Word("settings", "People and calendar", "your working hours, your delegate, and what you do not want to hear of",
        "settings", "yourself", ("mute",), (), event="settings", form="always", label="My settings…"),
    Word("follow", "People and calendar",
        "tells you by message when a release is planned, moved, live or taken back; all of them without a version",
        "follow 1.3.0", event="follow", label="Follow all releases"),
    Word("unfollow", "People and calendar", "ends that; for everything without a version", "unfollow 1.3.0",
        event="unfollow", label="Follow nothing"),
    Word("calendar", "People and calendar", "the next trains and freezes", "calendar", takes=(), show="calendar",
        label="Calendar"),
    Word("skip", "People and calendar", "a train does not run", "skip 30 dec holidays", MANAGER, takes=(DATE, REASON),
        event="skip", form="unless reason", label="Skip a train…"),
    Word("shift", "People and calendar", "a train that is free leaves on another day", "shift 30 dec 6 jan holidays",
        MANAGER, takes=(DATE, REASON), event="shift", form="unless reason", label="Move a train…"),
    Word("extra", "People and calendar", "adds a departure", "extra 18 dec 14:00", MANAGER, takes=(DATE, REASON),
        event="extra", form="unless date", label="Add a departure…"),
    Word("help", "People and calendar", "what you can do now, then all words", "help freeze", takes=(ITEM,),
        show="help", label="All words"),
    Word("audit", "Record", "who did what, and whether the record is whole", "audit 1.3.0", show="audit",
        label="Audit"),
    Word("policy", "Record", "which policy counts, what a proposed one changes by rule; sign it", "policy",
        "everybody; sign: the roles that the active one names", takes=(), show="policy", label="The policy"),
    Word("policy adopt", "Record", "moves an open release to the active policy, after showing what falls",
        "policy adopt 1.3.0", f"{MANAGER}, executive", takes=SAID, event="adopt_policy", form="always",
        label="Move it to the policy…"),
    Word("close", "Record", "closes it, or says what is missing", "close", MANAGER, event="close", label="Close"),
    Word("retro", "Record", "the retrospective: went well, went wrong, to improve", "retro", "the team",
        takes=(VERSION,), event="tick", form="always", label="Give feedback"),
)
# fmt: on
