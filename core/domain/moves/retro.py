"""What a retrospective changes: it is opened, people answer, it is moved and closed; action items come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.effects import CLICK, Effect, post
from core.domain.gates.retro import action_meant, day, instant
from core.domain.moves.outcome import Outcome, thread
from core.domain.release import Decision
from core.domain.retro import actions, meeting
from core.domain.retro.record import proven
from core.domain.retro.told import summary_of
from core.domain.retro.writing import in_a_field, item_of, points
from core.domain.retrospective import QUESTIONS, ActionItem, Line, Question, Retro, Summary
from core.domain.situation import Act, Situation
from core.domain.slack_ids import is_person


def retro_opened(s: Situation, act: Act) -> Outcome:
    """A meeting is proposed and everybody is invited; what was said about the same release before stays."""
    rules, table, before = meeting.rules_of(s.policy), meeting.timetable_of(s.policy, s.release), s.release.retro
    due, meets = meeting.due(rules, table, s.now), meeting.proposed(rules, table, s.now)
    people = meeting.invited(s)
    opened = Retro(s.now, due, meets, rules.minutes, s.release.outcome.value, people)
    if before is not None:
        opened = replace(opened, lines=before.lines, answered=before.answered, moves=before.moves + 1, moved_at=s.now)
    told = {"people": list(people), "at": meets.isoformat(), "due": due.isoformat(), "again": before is not None}
    line = thread("retro_opened", act, retro=told)
    return Outcome(replace(s.release, retro=opened), (line,), record={"at": meets, "due": due, "invited": list(people)})


def retro_say(s: Situation, act: Act) -> Outcome:
    """Somebody's own answers, in place of those to the same questions that stood in the form."""
    retro = _retro(s)
    given: dict[str, tuple[str, ...]] = {q: points(act.text(q)) for q in QUESTIONS if q in act.input}
    replaced = [x for q in given for x in in_a_field(retro.own(act.actor, q))]
    known = {(x.question, x.text): x for x in replaced}
    kept = [x for x in retro.lines if x not in replaced]
    number = max((x.id for x in retro.lines), default=0)
    new: list[Line] = []
    for question in QUESTIONS:
        for text in given.get(question, ()):
            number += 1
            new.append(known.get((question, text)) or Line(number, act.actor, s.now, question, text))
    lines = tuple(sorted((*kept, *new), key=lambda x: x.id))
    after = replace(retro, lines=lines, answered=retro.answered | {act.actor: s.now})
    added = sum(x.at == s.now for x in new)
    effects, made = _with_action(s, act)
    if retro.held and (added or made):
        effects = (thread("retro_late", act, retro={"count": added}), *effects)
    return Outcome(
        replace(s.release, retro=after), effects, actions=made, notes={"lines": len(after.own(act.actor))},
        record={"answers": {q: len(texts) for q, texts in given.items()}},
    )  # fmt: skip


def retro_add(s: Situation, act: Act) -> Outcome:
    """One line more, in the words of who wrote it."""
    retro, question = _retro(s), _question(act)
    author = act.text("author") if is_person(act.text("author")) else act.actor
    link = act.text("link")[:500]
    number = max((x.id for x in retro.lines), default=0) + 1
    line = Line(number, author, s.now, question, act.reason, act.actor if link else "", link)
    answered = retro.answered if link else retro.answered | {act.actor: s.now}
    after = replace(retro, lines=(*retro.lines, line), answered=answered)
    late = (thread("retro_late", act, retro={"count": 1}),) if retro.held else ()
    return Outcome(replace(s.release, retro=after), late, record={"question": question, "author": author})


def retro_move(s: Situation, act: Act) -> Outcome:
    """The meeting gets another time; who was invited hears of it. Answers can come until then too."""
    retro, when = _retro(s), instant(act.text("to"))
    assert when is not None  # the gate retro_time has looked
    ends = when + timedelta(minutes=retro.minutes)
    after = replace(retro, meets_at=when, due_at=max(retro.due_at, ends), moves=retro.moves + 1, moved_at=s.now)
    told = {"people": list(retro.invited), "at": when.isoformat(), "before": retro.meets_at.isoformat()}
    line = thread("retro_moved", act, retro=told)
    return Outcome(replace(s.release, retro=after), (line,), record={"before": retro.meets_at, "after": when})


def retro_summary(s: Situation, act: Act) -> Outcome:
    """It is closed with a summary of what was said, what the record proves and what was resolved."""
    retro = _retro(s)
    known = proven(s)
    summary = Summary(act.actor, s.now, tuple(retro.answered), known)
    release = replace(s.release, retro=replace(retro, summary=summary))
    told = summary_of(replace(s, release=release))
    counted = {"answered": len(retro.answered), "of": len(retro.invited)}
    in_short = counted | {"counts": told["counts"], "actions": len(told["actions"])}
    effects = (
        post("thread", "retro_summary", CLICK, actor=act.actor, reason=act.reason, retro=told),
        post("team", "retro_held", CLICK, actor=act.actor, retro=in_short),
    )
    return Outcome(release, effects, sign=_signed(s, act, counted), record=counted | {"proven": list(known)})


def _signed(s: Situation, act: Act, counted: dict[str, int]) -> tuple[Decision, ...]:
    """Under a policy that asks for a signature, who closes it gives that too, when it is theirs to give."""
    name, item = item_of(s)
    if item is None or not s.by_hand(item) or s.signoff_done(name, item) or act.actor not in s.holders(item.role):
        return ()
    text = f"{counted['answered']} of {counted['of']} answered"
    subject, lent = s.subject_of(item), s.stands_for(act.actor, item.role)
    return (Decision(f"signoff:{name}", subject, item.role, act.actor, "approve", s.now, text, s.read_at, lent),)


def action_add(s: Situation, act: Act) -> Outcome:
    """Something is resolved; who shall do it hears of it."""
    effects, made = _with_action(s, act)
    told = {"text": made[0].text, "owner": made[0].owner, "due": made[0].due}
    late = (thread("action_added", act, retro={"action": told}),) if s.release.retro and s.release.retro.held else ()
    return Outcome(s.release, (*late, *effects), actions=made, notes=told, record={"action": made[0].id, **told})


def _with_action(s: Situation, act: Act) -> tuple[tuple[Effect, ...], tuple[ActionItem, ...]]:
    """The action item in what was sent, where there is one, and the message to its owner."""
    text = act.text("action")
    if not text:
        return (), ()
    owner = act.text("owner") or act.actor
    today = s.now.astimezone(ZoneInfo(s.policy.zone)).date()
    due = day(act.text("due")) or today + timedelta(days=s.policy.retrospective.due_days)
    made = ActionItem(
        actions.next_number(s.product), text, owner, due.isoformat(), act.actor, s.now, s.release.version
    )
    tell = post(f"dm:{owner}", "action_given", CLICK, actor=act.actor, retro={"action": actions.told(made)})
    return () if owner == act.actor else (tell,), (made,)


def actions_came(s: Situation, act: Act) -> Outcome:
    """Open items of earlier retrospectives stand on the checklist of this release from now on."""
    found = tuple(actions.arrived(a, s.release) for a in actions.coming(s))
    line = thread("actions_came", act, retro={"actions": [actions.told(a) for a in found]})
    return Outcome(s.release, (line,), actions=found, record={"actions": [a.id for a in found]})


def action_done(s: Situation, act: Act) -> Outcome:
    """It is done."""
    return _decided(s, act, "action_done", state="done", ended_by=act.actor, ended_at=s.now, why=act.reason)


def action_keep(s: Situation, act: Act) -> Outcome:
    """It goes on to the checklist of the release after this one."""
    return _decided(s, act, "action_kept", kept=True, kept_by=act.actor)


def action_drop(s: Situation, act: Act) -> Outcome:
    """Nobody will do it, and why."""
    return _decided(s, act, "action_dropped", state="dropped", ended_by=act.actor, ended_at=s.now, why=act.reason)


def _decided(s: Situation, act: Act, moment: str, **changed: Any) -> Outcome:
    found = action_meant(s, act)
    assert found is not None  # the gate action_known has looked
    after = replace(found, **changed)
    line = thread(moment, act, retro={"action": actions.told(after)})
    return Outcome(s.release, (line,), actions=(after,), notes={"text": found.text}, record={"action": found.id})


def _retro(s: Situation) -> Retro:
    assert s.release.retro is not None  # the gate retro_there has looked
    return s.release.retro


def _question(act: Act) -> Question:
    return next(q for q in QUESTIONS if q == act.text("question"))
