"""`release-bot metrics`: numbers in words or as a file, and kind answers to periods that are none."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import make_cli
from bot.cli.metrics import in_words
from bot.clock import SystemClock
from bot.policy_start import bring_in
from core.store.engines import Database
from core.store.unit_of_work import Store
from core.store.upgrade import upgrade
from tests.core.domain.metrics.test_report import made, quarter
from tests.core.domain.world import policy


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A store with a policy and nothing shipped yet."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    async def first() -> None:
        url = f"sqlite+aiosqlite:///{tmp_path}/release-bot.db"
        await upgrade(url)
        database = Database.open(url)
        await bring_in(Store(database, "test"), SystemClock(), policy())
        await database.close()

    asyncio.run(first())
    return CliRunner()


def test_files_and_wrong_words(asked: CliRunner, tmp_path: Path) -> None:
    def said(*words: str) -> tuple[int, str]:
        result = asked.invoke(make_cli(), ["metrics", *words])
        return result.exit_code, result.output

    assert said("2025") == (0, "2025: no release.\nNothing was recorded then. The numbers begin with the first release "
                               "that goes to production.\n")  # fmt: skip
    code, text = said("last", "30", "days", "--json", "--out", str(tmp_path / "m.json"))
    assert code == 0 and "Written to" in text
    assert json.loads((tmp_path / "m.json").read_text())["measures"][0]["state"] == "no data"
    assert said("2025", "--csv")[1].startswith("product,train,period,from,until,code,")
    for words, answer in (
        (("2025-06..2025-01",), "ends before it begins"),
        (("2199",), "lies ahead"),
        (("whenever",), "is no period; say 2026-q3"),
        (("2025", "--train", "night"), "no train night; it has main"),
        (("2025", "--json", "--csv"), "not for both"),
        (("2025", "--out", str(tmp_path / "no" / "m.txt")), "cannot be written"),
    ):
        code, text = said(*words)
        assert code == 1 and answer in text and "Traceback" not in text, words


def test_every_number_has_its_line_and_says_what_it_stands_on() -> None:
    lines = list(in_words(made(quarter()), how=True))
    assert "  Deployment success                       5 of 6 (83 %, 95 % interval 44-97 %)" in lines
    assert any(line.startswith("  Test coverage") and "too few for a median" in line for line in lines)
    assert any(line.startswith("    product manager") for line in lines)
    assert any("1 estimated" in line for line in lines)
    assert sum(line.startswith("    Deployments that") for line in lines) >= 3
