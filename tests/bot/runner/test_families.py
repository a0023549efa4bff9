"""Each kind of step has somebody here who does it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.runner.checkout import Checkouts
from bot.runner.commands import Workshop
from bot.runner.families import families_of
from core.domain.pipeline.model import BESIDE, USES


def test_a_runner_does_every_kind_of_step_that_the_release_does_not_do_itself(tmp_path: Path) -> None:
    ctx: Any = SimpleNamespace(repository=None)
    workshop = Workshop(tmp_path / "runs", "m1", Checkouts(tmp_path, ctx.repository), {})
    families = families_of(ctx, workshop, tmp_path / "backups", {})
    assert {uses for uses in USES if families.of(uses) is None} == BESIDE
