"""The words of refusals about feature flags."""

from __future__ import annotations

from handlers.views.reason_row import Words, blocked, waits

# fmt: off
FLAGS: dict[str, Words] = {
    "flag.pause": blocked("The pause of everything", "the pause of {by}: “{reason}”",
        "Everything is paused by {by}{since}: “{reason}”. Switching a flag off is possible all the same; the rest "
        "waits until somebody lets it go on."),
    "flag.freeze": blocked("A freeze", "the freeze {name}",
        "The freeze “{name}” lasts until {until}: production keeps its flags. Switching one off is possible all the "
        "same; what cannot wait takes two who may break the glass, in the form of the flag."),
    "flag.second": blocked("A second person", "an answer by somebody else",
        "You asked for it yourself, so somebody else agrees: {who}."),
    "flag.asker": blocked("Who asked for it", "a change that {by} may not ask for any more",
        "{by} asked for it and may not change flags like that any more. Ask for it yourself: somebody else agrees."),
    "flag.nobody": blocked("Somebody who may agree", "nobody who could agree",
        "Nobody but you holds a role that may agree ({roles}), so production cannot be changed. Switching off is "
        "possible."),
    "flag.rehearsal": blocked("The real product", "a rehearsal",
        "Flags are served to the real product, so nobody changes them in a rehearsal."),
    "flag.shown": blocked("What was shown", "another change than the one that was shown",
        "That button was about something else. Open `/release flags` and look at what is asked now."),
    "flags": waits("The flag {flag}", "to decide about the flag {flag}",
        "`{flag}` {is_told}. {who} decides what becomes of it: one more release, or on or off for everybody and its "
        "code removed.{last_use}", "flag_end", "Decide…"),
}
# fmt: on
