"""The doctor names each thing that is wrong and what to do, and finds nothing wrong where all is well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot import doctor
from bot.doctor import Check, examine
from bot.settings import Settings
from core.store.tables import release
from tests.bot.conftest import POLICY, Stage, make_settings
from tests.plugins.disk import full_disk


@pytest.fixture
def checks(stage: Stage, tmp_path: Path) -> Any:
    async def look(**more: object) -> dict[str, Check]:
        return {check.what: check for check in await examine(make_settings(stage.slack, tmp_path, **more))}

    return look


async def test_all_is_well(checks: Any) -> None:
    found = await checks()
    assert {what: check.said for what, check in found.items() if not check.ok} == {}
    assert {
        "policy",
        "git",
        "store",
        "repository",
        "branch main",
        "branch develop",
        "token",
        "scopes",
        "clock",
        "channel #releases",
        "channel #product-news",
        "channel #support",
        "person priya",
        "group of product_manager",
    } <= set(found)


async def test_what_people_changed_in_slack_is_found(stage: Stage, checks: Any) -> None:
    people, state = stage.slack.people, stage.slack.state
    people.leave(state.channel("support"), "U0BOT")
    people.archive(state.channel("product-news"))
    people.deactivate("U0OLU")
    people.set_group("S0PM", [], True)
    stage.forgiven += stage.slack.unexpected()
    found = await checks()
    wrong = {what: check for what, check in found.items() if not check.ok}
    assert set(wrong) == {"channel #support", "channel #product-news", "person olu", "group of product_manager"}
    assert "/invite" in wrong["channel #support"].todo
    assert all(check.todo for check in wrong.values())


async def test_a_token_that_lacks_scopes_is_named(stage: Stage, checks: Any) -> None:
    stage.slack.faults.add("auth.test", "refuse", code="invalid_auth")
    found = await checks()
    assert not found["token"].ok and "OAuth" in found["token"].todo
    assert "scopes" not in found


async def test_wrong_repository_policy_and_store(checks: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "policy.toml"
    wrong.write_text(POLICY.read_text().replace('develop = "develop"', 'develop = "work"'))
    found = await checks(release_policy=wrong)
    assert not found["branch work"].ok and "develop" in found["branch work"].todo
    wrong.write_text("serial = one\n")
    found = await checks(release_policy=wrong, product_repo=str(tmp_path / "nowhere.git"))
    assert not found["policy"].ok and "line 1" in found["policy"].said
    assert not found["repository"].ok
    assert "branch main" not in found


async def test_a_release_that_differs_from_its_rows_is_named(
    stage: Stage, checks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "AGAIN", 0.0)
    await stage.start_minor()
    assert (await checks())["releases"].ok
    async with stage.app.ctx.store.database.writing() as conn:
        stored = (await conn.execute(release.select())).one()
        await conn.execute(release.update().values(facts={**stored.facts, "phase": "deployment"}))
    found = (await checks())["releases"]
    assert not found.ok and found.said == "what people see differs from the rows of v1.3.0: phase"
    assert "audit verify" in found.todo


async def test_a_store_that_takes_no_write_is_named(checks: Any) -> None:
    with full_disk():
        found = (await checks())["store"]
    assert not found.ok and found.said.startswith("the database takes no write: ") and "room" in found.todo


async def test_a_database_that_does_not_answer_is_named_without_its_password(checks: Any) -> None:
    found = (await checks(database_url="postgresql://bot:hunter2@127.0.0.1:9/bot"))["store"]
    assert not found.ok and "does not answer" in found.said and "hunter2" not in found.said


async def test_without_anything_it_says_what_to_set(tmp_path: Path) -> None:
    found = {
        check.what: check for check in await examine(Settings(data_dir=tmp_path, release_policy=tmp_path / "none"))
    }
    assert {"policy", "repository", "token"} <= {what for what, check in found.items() if not check.ok}
    assert found["store"].ok and "empty" in found["store"].said
