"""What each event changes, one function per event, under the event's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.domain.moves import (
    adopting,
    calendar,
    casting,
    contents,
    deciding,
    noting,
    opening,
    overriding,
    proving,
    recovering,
    retro,
    scoping,
    shipping,
    solving,
    voicing,
)
from core.domain.moves.outcome import Outcome
from core.domain.situation import Act, Situation

Move = Callable[[Situation, Act], Outcome]
# Every event of the table by its name, in the table's order.
MOVES: Mapping[str, Move] = {
    "start": opening.start,
    "start_fix": opening.start_fix,
    "begin": opening.begin,
    "freeze": opening.freeze,
    "freeze_early": opening.freeze,
    "candidate": opening.candidate,
    "branch_moved": calendar.branch_moved,
    "ready": deciding.ready,
    "content_changed": contents.content_changed,
    "approve": deciding.approve,
    "joined": deciding.joined,
    "reject": deciding.reject,
    "ask": deciding.ask,
    "withdraw": deciding.withdraw,
    "concern": voicing.concern,
    "settle": voicing.settle,
    "carry": voicing.carry,
    "carried_concern": voicing.carried_concern,
    "tick": deciding.tick,
    "untick": deciding.untick,
    "result": proving.result,
    "override": overriding.override,
    "review": overriding.review,
    "stage": shipping.stage,
    "retry": shipping.retry,
    "back": deciding.back,
    "go": shipping.go,
    "nogo": shipping.nogo,
    "abort": shipping.abort,
    "checks_failed": shipping.checks_failed,
    "step_failed": shipping.step_failed,
    "worked": recovering.worked,
    "stop": shipping.stop,
    "flag_off": recovering.flag_off,
    "deployed": shipping.deployed,
    "rollback": recovering.rollback,
    "rolled_back": recovering.rolled_back,
    "rollback_failed": recovering.rollback_failed,
    "record": recovering.record,
    "fix_forward": recovering.fix_forward,
    "fixed": recovering.fixed,
    "production_changed": calendar.production_changed,
    "move": calendar.move,
    "merge": calendar.merge,
    "missed": calendar.missed,
    "hold": calendar.hold,
    "resume": calendar.resume,
    "cancel": calendar.cancel,
    "close": calendar.close,
    "incident": calendar.incident,
    "resolve": calendar.resolve,
    "report": voicing.report,
    "triage": voicing.triage,
    "retro_opened": retro.retro_opened,
    "retro_say": retro.retro_say,
    "retro_add": retro.retro_add,
    "retro_move": retro.retro_move,
    "retro_summary": retro.retro_summary,
    "action_add": retro.action_add,
    "actions_came": retro.actions_came,
    "action_done": retro.action_done,
    "action_keep": retro.action_keep,
    "action_drop": retro.action_drop,
    "edit": opening.edit,
    "adopt_policy": adopting.adopt_policy,
    "cast": casting.cast,
    "depend": opening.depend,
    "scope_add": scoping.scope_add,
    "scope_drop": scoping.scope_drop,
    "pull": solving.pull,
    "accept": scoping.accept,
    "classify": noting.classify,
    "words": opening.words,
}


def move_of(event: str) -> Move:
    """The function of an event of the table. Raises LookupError when there is none."""
    if event not in MOVES:
        raise LookupError(f"nothing says what {event!r} changes")
    return MOVES[event]
