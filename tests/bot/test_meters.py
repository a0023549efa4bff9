"""GET /metrics: only for who has the token; what the bot did, what the store holds, and no names."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.meters import Meters
from core.errors import Busy
from tests.bot.conftest import Stage, Stages

TOKEN = "sixteen-letters-and-more"
DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana" / "release-bot.json"


def numbers(text: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    found = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {f"{s.name}{sorted(s.labels.values()) or ''}": s.value for s in found}


async def test_who_has_the_token_reads_how_the_bot_does(stages: Stages) -> None:
    async with stages(metrics_token=SecretStr(TOKEN)) as stage, aiohttp.ClientSession() as http:
        app = stage.app
        address = f"{stage.slack.bot_url}/metrics"
        for shown in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
            async with http.get(address, headers=shown) as answer:
                assert (answer.status, await answer.text()) == (401, "")
        await stage.start_minor()
        await app.scheduler.every_second()
        await stage.slack.person("priya").types("/release status")
        async with http.get(address, headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            assert (answer.status, answer.content_type) == (200, "text/plain")
            told = await answer.text()
        found = numbers(told)
        assert found["release_bot_answer_seconds_count['command']"] == found["release_bot_tick_seconds_count"] == 1
        assert found["release_bot_store_up"] == 1 and found["release_bot_releases['planning']"] == 1
        assert found["release_bot_outbox_open['ready']"] == found["release_bot_outbox_open['parked']"] == 0
        assert found["release_bot_commits_total"] > 3 and found["process_resident_memory_bytes"] > 1e6
        assert not re.search("PRIYA|1\\.3\\.0", told)
        assert named(DASHBOARD.read_text()) <= {re.sub(r"\[.*", "", name) for name in found}


def named(dashboard: str) -> set[str]:
    """Every metric that an expression of the dashboard asks for."""
    asked = [t["expr"] for panel in json.loads(dashboard)["panels"] for t in panel.get("targets", ())]
    found = {name for expr in asked for name in re.findall(r"\b(?:release_bot|process)_\w+", expr)}
    assert len(asked) > 8 and len(found) > 8
    return found


async def test_without_a_token_there_is_no_such_address(stage: Stage) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{stage.slack.bot_url}/metrics") as answer:
        assert answer.status == 404


class _Away:
    """A store that gives no answer."""

    product = "shop"

    @property
    def store(self) -> object:
        raise Busy("the database is away")


async def test_a_store_that_is_away_is_told_and_what_it_held_is_not() -> None:
    meters = Meters()
    meters._gauges["outbox_open"].labels("ready").set(7)
    found = numbers((await meters.text(_Away())).decode())  # type: ignore[arg-type]
    assert found["release_bot_store_up"] == 0 and "release_bot_outbox_open['ready']" not in found
    assert math.isnan(found["release_bot_outbox_oldest_seconds"])
