"""Steps about the database as the runner does them: under the shim, in the files of the right version, without the
address anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.runner.checkout import Checkouts
from bot.runner.commands import Commands, Workshop, machine_of
from bot.runner.job import Job
from bot.runner.steps.checks import OverHttp
from bot.runner.steps.databases import Databases
from core.domain.pipeline.model import Seen, Step
from core.domain.policy import Policy, parse_policy
from core.domain.policy_pipeline import Database, DeployPolicy
from core.errors import IntegrationError
from tests.bot.databases.shops import DOWN, FIRST, LATER, RULES, SCRIPT, UP, run
from tests.bot.runner.conftest import job, watched
from tests.policies import SHIPPED

OLD, NEW = "b" * 40, "a" * 40


class Trees:
    """The old version has no migrations of its own, so it cannot take back what the new one did."""

    async def checkout(self, sha: str, folder: Path) -> None:
        folder.mkdir()
        if sha == NEW:
            (folder / "migrate.py").write_text(SCRIPT.format(up=UP, down=DOWN))


class Shelf:
    """The runner's part of one environment with a SQLite database; `found` is what steps have told, newest last."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'secret-name.db'}"
        run(self.url, FIRST)
        quick = {name: [RULES[name][0], "-S", *RULES[name][1:]] for name in ("apply", "back", "current")}
        rules = Database.model_validate({"kind": "sqlite", **quick, "settings": {"production": "SHOP_DB"}})
        self.policy = parse_policy(SHIPPED.read_text()).model_copy(
            update={"deployment": DeployPolicy(databases={"main": rules})}
        )
        (folder / "runs").mkdir()
        env = {"SHOP_DB": self.url, "PATH": "/usr/bin:/bin"}
        workshop = Workshop(folder / "runs", machine_of(folder), Checkouts(folder / "trees", Trees()), env)  # type: ignore[arg-type]
        databases = Databases(self.pinned, self.newest, folder / "backups", env)
        self.commands = Commands(workshop, databases.wording, databases.named)
        self.databases, self.point = databases, ""

    async def pinned(self, job: Job) -> Policy:
        return self.policy

    async def newest(self, job: Job) -> str:
        return self.point

    async def does(self, uses: str, **more: object) -> Seen:
        step = Step(uses.replace("_", "-"), uses, uses, timeout=60)  # type: ignore[arg-type]
        one = replace(job(), step=step, **more)  # type: ignore[arg-type]
        ref = await self.commands.begin(one)
        seen = await watched(self.commands, one, ref, 30)
        log = "\n".join(await self.commands.whole_log(one, ref))
        assert "secret-name" not in f"{log}{json.dumps(seen.found)}{seen.reason}"
        return seen


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


async def test_a_deployment_and_its_way_back(shelf: Shelf) -> None:
    taken = await shelf.does("backup")
    assert taken.state == "done" and taken.found["verified"] and taken.found["told"] == "9 rows, proven"
    up = await shelf.does("migrate", earlier={"backup": taken.found}, attempt=2)
    assert (up.state, up.found["after"], up.found["compatible"]) == ("done", "0002", True), up
    run(shelf.url, LATER)
    looking = OverHttp(shelf.pinned, shelf.databases.environment)
    assert await looking._written(replace(job(), earlier={"backup": taken.found})) == {"written": 2}
    assert await looking._written(job()) == {}, "without a restore point nobody can tell"

    shelf.point = str(taken.found["point"])
    way = {"kind": "roll back", "sha": OLD, "version": "1.2.0", "previous": "1.3.0", "previous_sha": NEW}
    down = await shelf.does("migrate_back", **way)
    assert (down.state, down.found["after"], down.found["gone"]) == ("done", "0001", {"saved_search": 1}), down
    put = await shelf.does("migrate_back", body={"restore": 3, "second": "U0OLU"}, attempt=3, **way)
    assert put.state == "done" and put.found["rows_lost"] == 2 and put.found["second"] == "U0OLU"
    step = Step("back", "back", "migrate_back")
    later = replace(job(), step=step, body={"restore": 3, "second": "U0OLU"}, attempt=4, **way)  # type: ignore[arg-type]
    words = (await shelf.databases.wording(later, Path(), Path())).command
    assert "back" in words and "restore" not in words, "what was agreed to counts for one try"


async def test_what_is_not_set_up_is_said(shelf: Shelf) -> None:
    with pytest.raises(IntegrationError, match="names no database of staging"):
        await shelf.databases.wording(replace(job(), environment="staging"), Path(), Path())
    shelf.databases = replace(shelf.databases, environment={})
    with pytest.raises(IntegrationError, match="SHOP_DB is not set"):
        await shelf.databases.wording(job(), Path(), Path())
    names: Sequence[str] = await shelf.databases.named(job())
    assert names == ["SHOP_DB"]
