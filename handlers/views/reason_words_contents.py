"""The words of the blocker codes about scope, notes, late changes, checks and what was moved by hand."""

from __future__ import annotations

from handlers.views.reason_row import Words, blocked, waits

_TAG = ("candidate", "Tag a candidate")
_ANSWER = ("accept", "Answer for it…")
_OUT = ("scope_drop", "Take it out…")

# fmt: off
CONTENTS: dict[str, Words] = {
    "scope.ref": blocked("What it is", "a missing name",
        "Name it as a pull request (#345), an issue key (AA-171) or the start of a commit."),
    "scope.there": blocked("{ref} in the scope", "{ref}, which is in the scope already",
        "{ref} is in the scope already; {by} named it{on}."),
    "scope.none": blocked("{ref} in the scope", "{ref}, which is not in it",
        "{ref} is not in it, so there is nothing to take out."),
    "scope.merged": blocked("{ref} on the branch", "{ref}, which is on {branch} already",
        "{ref} is on {branch} already: revert it there, or take it out after the freeze on the release branch."),
    "scope.open": waits("{ref} in the scope", "to merge {ref} “{title}”, or to take it out",
        "{ref} “{title}” is named for this release and not merged yet. {who} can see to it, or take it out by name.",
        *_OUT),
    "scope.missing": blocked("{refs} on {branch}", "{refs}, which is not on {branch}",
        "I did not find {refs} on {branch}, so there is nothing to pick. Merge it there first."),
    "pull.none": blocked("A conflict", "no conflict",
        "I have met no conflict there that a pull request would be for."),
    "pull.no_host": blocked("A host of the code", "no host for pull requests",
        "No host of the code is connected. Merge it with git: take a branch of where it shall go, merge, solve, push."),
    "late": blocked("{item} after the freeze", "a change after the freeze that is no fix: {item} “{title}”",
        "{item} “{title}” came after the freeze and is no fix. Take it out, or answer for it.", *_ANSWER),
    "breaking": blocked("Nothing that breaks", "{item}, which breaks something",
        "{item} “{title}” breaks something for who uses the product ({commits}), and a {type} release may not. "
            "Take it out, or start a major release.", *_OUT),
    "notes.reading": waits("The notes of what is there now", "the notes, which are being drafted",
        "I am reading what is on {branch}; the notes follow by themselves."),
    "notes.unclassified": blocked("A heading for each change", "{count} unclassified in the notes",
        "No rule is sure about {items}: choose where each belongs.", "notes_form", "Choose headings…"),
    "notes.gap": blocked("{gap_title}", "{gap_line}", "{gap_text}.", "notes_form", "Write it…"),
    "notes.changed": blocked("The notes inside the candidate", "notes that changed since {candidate}",
        "{changelog} in {candidate} is not the notes as they stand now. Tag {next} to take them in.", *_TAG),
    "notes.unknown": blocked("A change of this release", "a change that is not in it",
        "“{item}” is no change of {version}."),
    "notes.heading": blocked("A heading", "an unknown heading",
        "“{heading}” is no heading. Choose new feature, improvement, bug fix, security, API, configuration or not in "
            "notes."),
    "version.file": blocked("The version in {path}", "{path}, which does not say {version}",
        "{path} in {candidate} does not say {version}: {file_fault}. A new candidate writes it.", *_TAG),
    "accept.which": blocked("Which one", "a missing name", "Say which one: {one_of}."),
    "accept.none": blocked("Something to answer for", "nothing to answer for",
        "Nothing waits for an answer: no late change, and nothing was moved by hand."),
    "result.kind": blocked("A kind of evidence", "a kind that is none", "“{given}” is no kind of evidence: {known}."),
    "result.commit": blocked("A commit", "a commit that is none",
        "“{given}” is no commit: its whole id is needed, 40 or 64 letters and digits."),
    "result.many": blocked("Fewer results", "too many results",
        "There are {most} results for {commit} already; more are not kept."),
    "result.machines": blocked("A report by a machine", "a kind that only machines report",
        "The policy takes {kind_words} from machines only, so nobody can state it."),
    "result.verdict": blocked("Passed or failed", "a missing answer", "Say whether it passed or failed."),
    "result.link": blocked("A link", "a missing link",
        "Say where the result can be looked at: an address that begins with https://, without account and password."),
    "result.count": blocked("Counts that fit", "counts that do not fit",
        "Give how many there were and how many failed as whole numbers; what passed has none that failed."),
    "result.same": blocked("Something new", "a result that is stated already",
        "{by} stated exactly this{on}; it counts already."),
    "build.missing": waits("A build of {candidate}", "the build of {candidate}",
        "No build of {candidate} was reported yet; staging gets it as soon as there is one."),
    "build.differs": blocked("The build that staging had", "another build of {name} than staging had",
        "Staging got {name} as {staging}, and what was reported since is {now}. Production gets what staging had: "
            "report that build again, or tag a candidate.", *_TAG),
    "checks.failed": blocked("The checks on {candidate}", "{failed}, which failed on {candidate}",
        "{failed} failed on {candidate}{since}. Run it again there, or tag a candidate with the fix."),
    "checks.running": waits("The checks on {candidate}", "the checks on {candidate}",
        "{count} still running on {candidate}; I look again by myself."),
    "stray": blocked("{ref} as I left it", "{ref}, which was moved by hand",
        "{stray_text}{since}. Put it back, or say why it may stay.", *_ANSWER),
}
# fmt: on

FILE_FAULTS = {
    "missing": "it is not there",
    "no_version": "no version was found in it",
    "other": "it says {found}",
    "no_section": "it has no section for it",
    "other_section": "its section is another one",
    "open_end": "it has code or a comment that nobody closes",
    "not_text": "it is no text file",
    "other_case": "it is called {found} there",
}
