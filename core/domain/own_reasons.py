"""Reasons about the asker and what they gave, not about the release: written once for facts, words and forms.

The facts leave out what depends on who asks or with which words. The words of a reason that only the asker can mend
name nobody else, and a form says it at the field that it is about (`Recipe.wrong` in the handlers).
"""

from __future__ import annotations

# What an act lacks that was given nothing: no fact of the release.
NOT_GIVEN = frozenset(
    {
        *("reason", "early_reason", "severity", "merge_target", "flag_named", "departure_past", "review.right"),
        *("report.kind", "report.found", "report.gone", "result.kind", "result.verdict", "result.link"),
        *("scope.ref", "scope.none", "notes.unknown", "notes.heading", "accept.which", "signoff.unknown"),
        *("retro.nothing", "retro.when", "retro.question", "action.text", "action.which"),
        *("record.unknown", "override.code", "edit.nothing", "cast.nothing", "policy.same"),
    }
)
# What depends on who asks, or on which of several things they name.
BY_ASKER = frozenset(
    ["not_self", "one_role", "not_author", "signed_before", "concern.gone", "incident.gone", "departure_needed"]
)
# What else is wrong with what was given, so that nobody but the asker can mend it.
WRONGLY_GIVEN = frozenset(
    {
        *("signable", "notice", "version_fits", "version_free", "version_next", "version.taken", "number_burnt"),
        *("departure.taken", "own_window", "train_when", "train_none", "train_exists", "not_live", "lead"),
        *("edit.kind", "edit.branch", "cast.away", "cast.starter", "cast.twice", "first_counts", "hours"),
        *("delegate.self", "delegate.unknown", "delegate.no_role", "delegate.past", "delegate.long", "delegate.away"),
        *("delegate.auditor", "delegate.circle", "delegate.twice", "delegate.both", "delegate.started"),
        *("away.when", "away.ends", "away.past", "away.long", "snooze.past", "snooze.late", "reminder.whose"),
        *("reminder.yours", "reminder.alone"),
        *("retro.long", "retro.full", "action.owner", "action.due", "action.gone", "action.none", "action.decided"),
        *("action.elsewhere", "action.kept", "retro.none", "retro.held"),
        *("result.count", "result.commit", "scope.there", "accept.none", "report.none", "report.done"),
        *("override.which", "override.off", "override.never", "review.gone", "policy.other"),
        *("drill.gone", "drill.choice", "rehearse.one", "rehearse.place"),
        *("lock.until", "data.day", "environment.which", "environment.only", "environment.there"),
    }
)
NO_FACT = NOT_GIVEN | BY_ASKER
ONES_OWN = NOT_GIVEN | WRONGLY_GIVEN
