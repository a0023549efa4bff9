"""The one table of all reminders: what people are reminded of, who, when, until when, and what they can do about it.

A row with `sent="table"` is found by a function of `releases` or `trains`, the tick claims it and sends it. The others
are sent by the unit of the release or of the product in which they become true (`core/domain/moves`), and stand here so
that one page tells all. Those are not found here, so nothing is sent twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.reminders.model import Kind

_OWN = "when it becomes true"
KINDS: tuple[Kind, ...] = (
    # --- trains and the calendar -----------------------------------------------------------------------------------
    Kind("train_near", "A departure is on a public holiday, or up to two days from one",
         "the lead of its release; without one whose turn it is, else the release managers",
         "10 working days before, at the train's hour", "it leaves, or its freeze while it is free",
         "*Keep*, *Move…*, *Skip it…*", answers=("train_kept", "skip", "shift", "move")),
    Kind("train_free", "Nobody has taken a train", "whose turn it is, else the release managers",
         "10 working days before, at the train's hour", "its freeze", "*Start…*, *Skip it…*",
         answers=("start", "skip")),
    Kind("quarter_major", "No major release leaves in this quarter", "the release managers",
         "the quarter's first working day", "two weeks later", "*Start a major…*", answers=("start",)),
    # --- planning and development ----------------------------------------------------------------------------------
    Kind("planning", "The scope is not final, or development has not begun",
         "the lead, and the product manager while the scope is open", "5 working days before the freeze", "the freeze",
         "*Set the scope…*", answers=("begin", "tick", "scope_add", "scope_move")),
    Kind("progress", "What moved since yesterday, what blocks, who is next", "the release's thread",
         "9:30 of each working day in development and stabilization", "the next one",
         "none: without movement the card says so, after three such days one line", sent="product", any_hour=True,
         snooze=False, mine=False, after="story"),
    Kind("freeze_near", "A pull request of yours is open, and the freeze comes", "the authors, by their GitHub login",
         "the working day before the freeze, at the train's hour", "the freeze", "*Scope*", mute="freeze_near"),
    Kind("freeze_stuck", "It should be frozen now, and something stops it", "the lead", "the hour of the freeze",
         "the departure", "*What is missing?*", answers=("freeze", "freeze_early", "move")),
    Kind("frozen", "It is frozen: from now only fixes", "the team's channel", _OWN, "", "none", sent="release",
         any_hour=True, snooze=False, mine=False, after="story"),
    # --- stabilization ---------------------------------------------------------------------------------------------
    Kind("tests", "Regression, performance or another test has no result on the newest candidate",
         "who owns the item, the QA lead by the shipped policy", "the working day before preparation begins",
         "the departure's window closes", "*I have a result…*", answers=("result", "candidate")),
    Kind("notes", "The notes lack something that they cannot go out without", "who owns the notes' items",
         "the working day before preparation begins", "the departure's window closes", "*Notes*",
         answers=("classify", "words", "tick")),
    Kind("items", "An item of the checklist is open", "its owner",
         "the working day before preparation begins, or before the departure", "the departure's window closes",
         "*Checklist*", answers=("tick", "result")),
    Kind("your_turn", "An item can be signed off now", "its owner", _OWN, "it is signed",
         "*Sign it off*; the message shows what came of it", sent="release", snooze=False, mine=False,
         answers=("tick",)),
    # --- preparation -----------------------------------------------------------------------------------------------
    Kind("asked", "An approval is asked for", "who holds the role", "it is made ready",
         "it is answered", "*Approve*, *Reject…*", sent="release", snooze=False, mine=False,
         answers=("approve", "reject")),
    Kind("approval", "An approval still waits", "who was asked", "after four of their own working hours",
         "the departure's window closes", "*Look and decide*, *Let somebody stand in…*", mine=False,
         answers=("approve", "reject", "delegate")),
    Kind("day_ended", "An approver's day ends without an answer", "the delegate; without one the lead",
         "an hour before the end of the last working day before the answer is due", "the answer",
         "*Approve*; the lead: *Change the roles…*, *Move it…*", sent="release", snooze=False, mine=False,
         answers=("approve", "reject", "cast", "move")),
    Kind("answer_due", "An answer was due by now", "the release's thread", "the policy's hours after it was asked",
         "", "none", sent="release", any_hour=True, snooze=False, mine=False, after="story"),
    Kind("not_told", "Stakeholders have not heard of it", "the product manager", "the working day before it leaves",
         "it leaves", "*Preview*", answers=("notes", "words", "announce")),
    Kind("knowledge", "The draft for the knowledge base is due", "support", "preparation begins",
         "the departure's window closes", "*The draft is ready*, *Read the answers*", ends="one"),
    Kind("briefing", "Support is briefed", "everybody in support, each for themselves",
         "the working day before it leaves", "the departure's window closes", "*I have read it*, *Read the answers*",
         mine=False, ends="each"),
    # --- the day ---------------------------------------------------------------------------------------------------
    Kind("release_day", "It leaves today", "its lead, and DevOps", "8:30 of that day, in the train's zone", "it leaves",
         "*The plan*, *What is missing?*", any_hour=True, mine=False, mute="release_day"),
    Kind("go_hour", "Go or no-go", "who may say go by the policy", "the hour of the departure", "the window closes",
         "*Go…*, *No-go…*", sent="release", any_hour=True, snooze=False, mine=False, after="drop",
         answers=("go", "nogo")),
    Kind("missed", "It missed its departure", "its lead; the authors of what is in it", "the window has closed", "",
         "*Move it…*, *Merge into next…*", sent="release", snooze=False, mine=False,
         answers=("move", "merge", "cancel")),
    Kind("hold_over", "The hold is over", "who put it on hold", "the hold's own end", "it is resumed", "*Resume*",
         sent="release", snooze=False, mine=False, answers=("resume",)),
    Kind("lock_stands", "Whether an environment is still to be locked", "who locked it", "a day after it was locked",
         "the lock ends", "*Clear the lock…*", sent="product", snooze=False, mine=False, answers=("unlock",)),
    # --- afterwards ------------------------------------------------------------------------------------------------
    Kind("live_duties", "How it is doing, two hours after it went live", "whose duty it is by the policy",
         "two hours after it went live", "", "*Something is wrong…*", sent="release", snooze=False, mine=False,
         mute="live_duties", answers=("incident",)),
    Kind("live_day", "How it is doing, a day after it went live", "whose duty it is by the policy, and the QA lead",
         "a day after it went live", "three days after", "*All quiet*, *Something is wrong…*", mute="live_duties",
         ends="each", answers=("incident", "report")),
    Kind("after_live", "What is open before it can be closed", "the owner of the item", "a day after it went live",
         "two weeks after", "*Checklist*", answers=("tick", "close")),
    Kind("retro_open", "The retrospective is open", "who is invited and has said nothing", "a day after it went live",
         "it is due", "*Give feedback*", mine=False, mute="retro_open", answers=("retro_say",)),
    Kind("retro_last", "It is the last day of the retrospective", "who is invited and has said nothing",
         "10:00 of that day, in the train's zone", "it is due", "*Give feedback*", mine=False, mute="retro_open",
         answers=("retro_say",)),
    Kind("retro_due", "The retrospective is due", "the lead, while it is not held",
         "the working day before it is due", "it is due", "*Close with these…*, *Give feedback*",
         answers=("retro_summary", "retro_say")),
    Kind("retro_overdue", "The retrospective is overdue", "the lead, while it is not held", "a day after it was due",
         "two weeks after", "*Close with these…*, *Give feedback*", answers=("retro_summary", "retro_say")),
    Kind("action_due", "An action item of a retrospective is due", "its owner", "the working day before",
         "the morning after its day", "*Done*, *Keep*, *Drop…*", answers=("action_done", "action_keep", "action_drop")),
    Kind("action_overdue", "An action item of a retrospective is overdue", "its owner", "the morning after its day",
         "two weeks after", "*Done*, *Keep*, *Drop…*", answers=("action_done", "action_keep", "action_drop")),
    Kind("flags", "A flag is past its life, or its release is live and nobody has said what becomes of it",
         "its owner; without one the tech lead", "a day after a release begins or goes live",
         "two weeks after it is live", "*Decide…*", answers=("flag.decided",)),
    Kind("hotfix_review", "A hotfix is to be looked back at", "the tech lead",
         "a day after it went live, then every day", "a week after", "*I have looked back*", ends="one"),
    Kind("review_asked", "An override is to be reviewed", "the reviewers of the policy", "a day later, then every day",
         "it is reviewed", "*Review…*", sent="release", snooze=False, mine=False, answers=("review",)),
)  # fmt: skip
BY_CODE: Mapping[str, Kind] = {kind.code: kind for kind in KINDS}
TRAINS = ("train_near", "train_free")  # that *Keep* answers
ANY_HOUR = tuple(kind.code for kind in KINDS if kind.any_hour)  # that wait for nobody's working hours
