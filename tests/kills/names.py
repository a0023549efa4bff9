"""All failpoints of the program, read from its own code; and those that a minor release never comes to, with why."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from bot.integrations.host import Host
from bot.integrations.slack import Slack
from core.domain.lifecycle import ENVIRONMENT_WORDS, FOLLOW_WORDS, PEOPLE_WORDS, TABLE, TRAIN_WORDS
from core.ports import Repository

ROOT = Path(__file__).parents[2]
HOUSES = ("bot", "core", "handlers")
PORTS: dict[str, type] = {"slack": Slack, "host": Host, "git": Repository}
MADE_UP = {  # verbs that the code puts together
    "outbox.{how.__name__}": ("outbox.park", "outbox.unsure"),
    "outside.{verb}": ("outside.tag.asked", "outside.tag.done", "outside.tag.refused"),
}

_BOTH = ("before", "after")
_PROVEN: dict[str, tuple[str, ...]] = {
    "tests/kills/test_runs.py kills there, in the middle of pipelines": (
        *(f"commit:run.{verb}" for verb in ("check", "claim", "give_back", "log", "note", "renew", "way")),),
    "a command of the operator, not of serve": ("commit:adopt", "commit:by_hand", "commit:outbox.rule",
        "commit:outside.tag.asked", "commit:outside.tag.done", "commit:outside.tag.refused", "commit:policy.sign",
        "commit:restore.agree", "commit:restore.withdraw", "commit:flag.change", "commit:flag.rename",
        "commit:flag.archive", "commit:flag.segment"),
    "a demo or a simulation makes a store of its own, and is begun anew (tests/bot/past, tests/bot/simulate)": (
        "commit:history", "commit:simulate"),
    "puts right what is wrong, only after a store of before or by command (tests/core/usecases)": ("commit:rebuild",),
    "a reminder that is over before it is sent (tests/core/usecases/test_ahead.py)": ("commit:ahead.drop",),
    "what is counted may be lost; tests/bot/flags kills the bot": ("commit:flag.count", "commit:flag.heard"),
    "the doctor asks": ("call:slack.channel", "call:slack.groups", "call:slack.identity", "call:slack.profile"),
    "needs Slack to fail in its own way (tests/bot/test_outbox.py, test_living.py, tests/core/store)": (
        "commit:outbox.retry", "commit:outbox.defer", "commit:outbox.void", "commit:outbox.park",
        "commit:outbox.unsure", "commit:living.gone", "commit:living.later", "commit:pace.hold_off",
        "call:slack.delete", "call:slack.ephemeral", "call:slack.push_form"),
    "needs a host of the code, or refs that somebody moved past the bot (tests/bot, tests/core/usecases)": (
        "commit:hook.seen", "commit:strays", "commit:pull"),
    "tests/kills/test_retention.py kills there, a month later": (
        "commit:retention.tell", "commit:retention.expire", "commit:retention.end"),
    "reads only, asked for by a person who compares or prints versions": ("call:git.files", "call:git.head"),
    "writes into a folder of its own, and only for a command (tests/bot/runner)": ("call:git.checkout",),
    "needs eight seconds of git, or a stop in the middle of a claim": ("commit:outbox.renew",
        "commit:outbox.give_back"),
    "the same unit as every other act; the act itself is played in tests/scenarios": ("commit:abort",
        "commit:cancel", "commit:candidate", "commit:fix_forward", "commit:flag_off",
        "commit:look_again", "commit:merge", "commit:move", "commit:record", "commit:remind", "commit:stop",
        "commit:words", "commit:locks", "commit:deploy", "commit:develop", "commit:adopt_policy", "commit:drill",
        "commit:propose", "commit:ahead", "commit:train_kept"),
}  # fmt: skip
# Name -> why no walk of these tests comes there.
ELSEWHERE: dict[str, str] = {
    name.replace(":", f".{side}:", 1): why for why, names in _PROVEN.items() for name in names for side in _BOTH
} | {
    **dict.fromkeys(("run.claimed", "step.spawned", "step.exited"), "tests/kills/test_runs.py kills there"),
    "migrate.between": "tests/core/store/test_upgrade.py kills there",
    "stop.draining": "test_killed_while_it_stops",
}


def all_names() -> set[str]:
    """Every name at which a process can be killed."""
    words = {*TRAIN_WORDS, *ENVIRONMENT_WORDS, *FOLLOW_WORDS, *PEOPLE_WORDS, "hour", "look_again"}
    verbs = {*_verbs(), *(row.event for row in TABLE if row.by == "person"), *words}
    verbs = {v for v in verbs if v not in ("start_fix", "freeze_early")}
    calls = {f"{port}.{name}" for port, kind in PORTS.items() for name, _ in _waiting(kind)}
    return {
        *_by_hand(),
        *(f"commit.{side}:{verb}" for verb in verbs for side in ("before", "after")),
        *(f"call.{side}:{call}" for call in calls for side in ("before", "after")),
    }


def _waiting(kind: type) -> Iterator[tuple[str, object]]:
    for name, member in inspect.getmembers(kind, inspect.iscoroutinefunction):
        if not name.startswith("_"):
            yield name, member


def _calls() -> Iterator[ast.Call]:
    for house in HOUSES:
        for path in sorted((ROOT / house).rglob("*.py")):
            yield from (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call))


def _by_hand() -> set[str]:
    """failpoint("name"), failpoint_sync("name"), self._failpoint("name")."""
    found = set()
    for call in _calls():
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if called.strip("_") in ("failpoint", "failpoint_sync") and call.args:
            name = call.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                found.add(name.value)
    return found


def _verbs() -> set[str]:
    """The verb of every unit of work."""
    found: set[str] = set()
    for call in _calls():
        given = [k.value for k in call.keywords if k.arg == "verb"]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "_record":
            given += call.args[2:3]
        for verb in given:
            if isinstance(verb, ast.Constant):
                found.add(str(verb.value))
            elif isinstance(verb, ast.JoinedStr):
                found.update(MADE_UP.get(ast.unparse(verb)[2:-1], ()))
    return found
