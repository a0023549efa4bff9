"""Every reason a step is blocked: one function a gate, each yielding all its blockers.

`blockers` asks a row's gates and names all of them; it never stops at the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from core.domain.environments import paused_now
from core.domain.gates import (
    adopting,
    casting,
    content,
    flags,
    hours,
    overriding,
    people,
    proving,
    retro,
    scope,
    shipping,
    standing_still,
    voicing,
)
from core.domain.gates.standing_still import held_now
from core.domain.lifecycle import BY_EVENT, TABLE, Row
from core.domain.release import Phase
from core.domain.situation import Act, Situation
from core.errors import Blocker

PASSED_IN = ("ready", "stage", "go")  # the events on which a gate may be passed by override


def override_fits(s: Situation, act: Act) -> Iterator[Blocker]:
    """The named gate blocks the release now, and may be passed."""
    if s.policy.override.roles and not act.input:  # nobody names one yet; which are open costs as much as a next step
        yield Blocker("override.code", {"code": "", "open": []}, (act.actor,))
        return
    event = "ready" if s.release.phase is Phase.STABILIZATION else "go"
    stops = blockers(BY_EVENT[event], s, Act(s.release.lead, event)) if s.policy.override.roles else ()
    yield from overriding.fits(s, act, stops)


Gate = Callable[[Situation, Act], Iterator[Blocker]]
# Every gate by the name that the table uses for it.
GATES: Mapping[str, Gate] = {
    "someone_joined": people.someone_joined,
    "reason": people.reason,
    "signable": people.signable,
    "approvals": people.approvals,
    "unexpired": people.unexpired,
    "signoffs": people.signoffs,
    "not_self": people.not_self,
    "not_author": people.not_author,
    "one_role": people.one_role,
    "first_counts": people.first_counts,
    "policy_newer": adopting.policy_newer,
    "cast_fits": casting.cast_fits,
    "signed_before": people.signed_before,
    "no_concern": people.no_concern,
    "concern_open": people.concern_open,
    "carry_pair": voicing.carry_pair,
    "carried_here": voicing.carried_here,
    "report_kind": voicing.report_kind,
    "report_open": voicing.report_open,
    "reports_triaged": voicing.reports_triaged,
    "retro_wanted": retro.retro_wanted,
    "retro_there": retro.retro_there,
    "retro_open": retro.retro_open,
    "retro_given": retro.retro_given,
    "retro_question": retro.retro_question,
    "retro_time": retro.retro_time,
    "retro_said": retro.retro_said,
    "action_given": retro.action_given,
    "action_known": retro.action_known,
    "action_here": retro.action_here,
    "actions_arriving": retro.actions_arriving,
    "actions_decided": retro.actions_decided,
    "signoff_open": people.signoff_open,
    "signoff_done": people.signoff_done,
    "result_given": proving.result_given,
    "result_new": proving.result_new,
    "build_known": proving.build_known,
    "same_build": proving.same_build,
    "override_fits": override_fits,
    "override_pair": overriding.override_pair,
    "review_open": overriding.review_open,
    "overrides_reviewed": overriding.overrides_reviewed,
    "flags_decided": flags.flags_decided,
    "not_held": standing_still.not_held,
    "held": standing_still.held,
    "incident_open": standing_still.incident_open,
    "no_incident": standing_still.no_incident,
    "version_free": content.version_free,
    "production_known": content.production_known,
    "scope_read": content.scope_read,
    "candidate_read": content.candidate_read,
    "dependencies": content.dependencies,
    "git_free": content.git_free,
    "git_idle": content.git_idle,
    "has_branch": content.has_branch,
    "head_moved": content.head_moved,
    "contains_production": content.contains_production,
    "lacks_production": content.lacks_production,
    "branch_settled": content.branch_settled,
    "branch_ahead": content.branch_ahead,
    "content_moved": content.content_moved,
    "has_candidate": content.has_candidate,
    "no_candidate": content.no_candidate,
    "not_rolled_back": content.not_rolled_back,
    "new_number": content.new_number,
    "edit_fits": content.edit_fits,
    "ref_given": scope.ref_given,
    "not_in_scope": scope.not_in_scope,
    "in_scope": scope.in_scope,
    "removable": scope.removable,
    "branch_ready": scope.branch_ready,
    "scope_free": scope.scope_free,
    "scope_settled": scope.scope_settled,
    "all_arrived": scope.all_arrived,
    "fixes_only": scope.fixes_only,
    "no_breaking": scope.no_breaking,
    "picks_fit": scope.picks_fit,
    "notes_read": scope.notes_read,
    "notes_complete": scope.notes_complete,
    "unit_known": scope.unit_known,
    "edit_given": scope.edit_given,
    "acceptable": scope.acceptable,
    "conflict_met": scope.conflict_met,
    "on_host": scope.on_host,
    "no_stray": scope.no_stray,
    "by_train": hours.by_train,
    "freeze_date": hours.freeze_date,
    "freeze_day": hours.freeze_day,
    "early_reason": hours.early_reason,
    "departure_free": hours.departure_free,
    "place_again": hours.place_again,
    "notice": hours.notice,
    "edit_dates": hours.edit_dates,
    "departure_missed": hours.departure_missed,
    "merge_target": hours.merge_target,
    "told": hours.told,
    "window": hours.window,
    "no_freeze": hours.no_freeze,
    "staging_wanted": shipping.staging_wanted,
    "staging_free": shipping.staging_free,
    "on_staging": shipping.on_staging,
    "production_free": shipping.production_free,
    "no_other_run": shipping.no_other_run,
    "production_ours": shipping.production_ours,
    "lock_cleared": shipping.lock_cleared,
    "not_being_fixed": shipping.not_being_fixed,
    "fix_live": shipping.fix_live,
    "run_stopped": shipping.run_stopped,
    "run_running": shipping.run_running,
    "run_done": shipping.run_done,
    "deploy_run": shipping.deploy_run,
    "rollback_run": shipping.rollback_run,
    "checks_red": shipping.checks_red,
    "run_failed": shipping.run_failed,
    "rollback_stopped": shipping.rollback_stopped,
    "production_untouched": shipping.production_untouched,
    "severity": shipping.severity,
    "in_production": shipping.in_production,
    "fixable": shipping.fixable,
    "way_back": shipping.way_back,
    "second_pair": shipping.second_pair,
    "recordable": shipping.recordable,
    "flag_named": shipping.flag_named,
}


def gate(name: str) -> Gate:
    """The function of a gate that the table names. Raises LookupError for a name without a function."""
    if name not in GATES:
        raise LookupError(f"the table names the gate {name!r}, but there is no such function")
    return GATES[name]


def blockers(row: Row, s: Situation, act: Act) -> tuple[Blocker, ...]:
    """All reasons why this event may not happen now, in the order of the gates."""
    return tuple(reasons(row, s, act))


def reasons(row: Row, s: Situation, act: Act) -> Iterator[Blocker]:
    """The same one by one: who asks only whether there is any looks no further than to the first."""
    if (early := off_phase(row, s)) is not None:
        yield early
        return
    passed = row.event in PASSED_IN and bool(s.release.overrides)
    for found in _of_gates(row, s, act):
        if not (passed and overriding.passes(s, found)):
            yield found


def _of_gates(row: Row, s: Situation, act: Act) -> Iterator[Blocker]:
    if s.release.hold and not row.held_ok:
        yield from held_now(s)
    yield from paused_now(s, row.event)
    for name in row.gates:
        yield from gate(name)(s, act)


def off_phase(row: Row, s: Situation) -> Blocker | None:
    """The reason that this is no event of the phase; None when it is one."""
    if not row.sources or s.release.phase in row.sources:
        return None
    return Blocker("phase", {"phase": s.release.phase, "event": row.event, "in": [p.value for p in row.sources]})


def gates_of(rows: Iterable[Row] = TABLE) -> tuple[str, ...]:
    """The names of all gates that the table uses, once each."""
    return tuple(dict.fromkeys(name for row in rows for name in row.gates))
