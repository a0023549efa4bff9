"""What a followed run prints."""

from __future__ import annotations

from bot.cli.following import lines_of
from core.domain.pipeline.model import Attempt, Step, StepState
from tests.core.domain.world import START


def test_what_a_command_said_cannot_steer_the_terminal() -> None:
    failed = Attempt("one", 2, StepState.FAILED, START, START, reason="\x1b[2J\x1b]0;all well\x07 disk\r\nfull")
    [line] = lines_of([Step("one", "One", "run")], [failed])
    assert line.startswith("FAIL One, attempt 2 · 0 s: ") and line.endswith("full") and line.isprintable()
