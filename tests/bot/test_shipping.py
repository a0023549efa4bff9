"""The strategy's script names as commands: which release they mean, and what each of them says and refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.cli import meant
from bot.cli.shipping import checked
from core.errors import NotFound
from core.usecases import look
from tests.bot.conftest import Stage
from tests.handlers.story import facts


def in_flight(monkeypatch: pytest.MonkeyPatch, **phases: str) -> None:
    found = [{"version": version.replace("_", "."), "phase": phase} for version, phase in phases.items()]

    async def releases(ctx: object) -> list[Mapping[str, Any]]:
        return found

    monkeypatch.setattr(look, "open_releases", releases)


async def test_without_a_version_the_one_that_ships_is_meant(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    in_flight(monkeypatch, **{"1_3_0": "preparation", "1_4_0": "development"})
    assert (await meant.meant(stage.app, ""))["version"] == "1.3.0"
    in_flight(monkeypatch, **{"1_3_0": "preparation", "1_2_3": "deployment"})
    with pytest.raises(meant.SeveralMeant, match=r"2 releases .*: v1\.3\.0 \(preparation\), v1\.2\.3 \(deployment\)"):
        await meant.meant(stage.app, "")
    in_flight(monkeypatch, **{"1_4_0": "development"})
    with pytest.raises(NotFound, match=r"Open are v1\.4\.0 \(development\): name the version"):
        await meant.meant(stage.app, "")
    with pytest.raises(NotFound, match=r"There is no v9\.0\.0"):
        await meant.meant(stage.app, "v9.0.0")


async def test_each_point_before_a_deployment_is_told_with_its_proof(stage: Stage) -> None:
    told = await checked(stage.app, facts())
    assert "Pre-deployment checklist: " in told[0]
    assert {"Security scan completed", "Documentation updated", "Rollback plan documented"} <= {
        line[2:].partition(" · ")[0] for line in told
    }
    assert "Not asked of a minor: Limited scope tests passed" in told
