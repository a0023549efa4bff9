"""The strategy's script names as commands: which release they mean, and what each of them says and refuses."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot.cli import meant
from bot.cli.following import followed
from bot.cli.shipping import checked
from core.errors import NotFound
from core.usecases import look
from core.usecases.by_hand import ByHand, begin
from tests.bot.conftest import Run, Stage, Stages
from tests.handlers.story import facts
from tests.policies import SHIPPED


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


class Answers(BaseHTTPRequestHandler):
    """The product as it answers: one version, and a page of payments that is broken."""

    def do_GET(self) -> None:
        self.send_response(500 if self.path == "/payments" else 200)
        self.end_headers()
        self.wfile.write(b'1.2.2 {"ok": true} Properties Owners')

    def log_message(self, *args: object) -> None:
        """Quiet."""


def test_what_answers_is_told_and_judged_by_the_exit_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEASE_POLICY", str(SHIPPED))
    run("adopt", "--as", "priya")
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        for name in ("BACKEND_URL", "FRONTEND_URL"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
        told = run("verify", "--service=frontend").output
        assert "v1.2.2 at " in told and "ok   Frontend" in told and "1 of 1 passed" in told
        told = run("smoke", "--environment=production", code=1).output
        assert "FAIL payments" in told and "answered 500 instead of 200" in told and "4 of 5 passed" in told
        server.shutdown()
    assert "BACKEND_URL_STAGING is not set" in run("verify", "--environment=staging", code=1).output
    assert "has no service shop; it has backend, frontend" in run("monitor", "--service=shop", code=1).output
    assert "render, which is not connected here" in run("monitor", "--service=backend", code=1).output
    assert "Nothing was rolled back" in run("verify", "--rollback", code=1).output
    assert "No release is in preparation" in run("migrate", "--backup", "--as", "olu", code=1).output
    assert "There is no environment moon" in run("smoke", "--environment=moon", code=2).output


async def test_a_backup_by_hand_is_taken_proven_and_followed(
    stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "production.db"
    with sqlite3.connect(file) as product:
        product.executescript("CREATE TABLE owner (id INTEGER PRIMARY KEY); INSERT INTO owner VALUES (1), (2);")
    monkeypatch.setenv("DATABASE_URL_PRODUCTION", f"sqlite:///{file}")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    async with stages(release_policy=SHIPPED, data_dir=tmp_path / "fresh") as stage:
        sha = stage.product.commit_of("develop")
        release = {"version": "1.3.0", "phase": "preparation", "candidate": {"sha": sha}}
        begun = await begin(stage.app.ctx, ByHand("U0OLU", "production", "backup", release))
        ended, [attempt] = await followed(stage.app, begun)
    assert ended.state == "done" and attempt.found["verified"] is True and attempt.found["rows"] == 2
    assert "ok   Database backup" in capsys.readouterr().out
