"""`release-bot simulate`: what it prints, for whom, from which state, and what it says about wrong input."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import make_cli
from bot.clock import SystemClock
from bot.simulate.listing import Played, as_json, text
from bot.simulate.present import Present
from bot.simulate.recording import Sent
from core.domain.policy import parse_policy
from tests.policies import simulated, simulated_text

POLICY = parse_policy(simulated_text())
BEGINS = datetime(2026, 12, 1, 5, tzinfo=UTC)

Typed = Callable[..., Result]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """What the command prints where no store is; it may leave nothing behind."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RELEASE_POLICY", str(simulated()))

    def run(*words: str) -> Result:
        done = CliRunner().invoke(make_cli(), ["simulate", *words])
        assert not (tmp_path / "data").exists()
        return done

    return run


def test_wrong_input_is_named(typed: Typed, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("serial = 1\n")
    for words, said in (
        (["--weeks", "0"], "--weeks is 0; it can be 1 to 104"),
        (["--weeks", "105"], "it can be 1 to 104"),
        (["--from", "2026-01-05"], "--from is 2026-01-05, which is over"),
        (["--from", "9999-12-01"], "in this century"),
        (["--from", "1.12.2026"], "like 2026-12-01"),
        (["--from", "2026-02-30"], "a day of the calendar"),
        (["--from", "20261201"], "like 2026-12-01"),
        (["--policy", str(tmp_path / "none.toml")], "there is no file"),
        (["--policy", str(tmp_path)], "cannot be read"),
        (["--policy", str(broken)], "The release policy cannot be used"),
        (["--who", "nobody"], "knows nobody called 'nobody'"),
    ):
        done = typed(*words)
        assert done.exit_code in (1, 2) and said in done.output, (words, done.output)


def test_a_week_is_printed_for_programs_and_touches_nothing(typed: Typed) -> None:
    first = SystemClock().now().date() + timedelta(days=30)
    done = typed("--from", first.isoformat(), "--weeks", "1", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert date.fromisoformat(told["from"][:10]) == first and told["production"] == "1.0.0"
    assert told["messages"] and all(datetime.fromisoformat(one["at"]).tzinfo for one in told["messages"])
    assert {one["place"] for one in told["messages"]} >= {"dm", "#releases"}


def played(*sent: Sent) -> Played:
    now = Present("1.2.2", known=True, left_out=("1.3.0",))
    return Played(POLICY, BEGINS, 2, sent, now, ("S0PM",), ((BEGINS, "Priya, go", "window"),),
                  (("1.4.0", "preparation", ("Support told",)),))  # fmt: skip


def test_the_list_is_by_day_in_the_zone_of_the_policy_with_counts_for_each_person() -> None:
    late = datetime(2026, 12, 2, 3, 30, tzinfo=UTC)  # still the day before in New York
    told = text(
        played(
            Sent(late, "", "U0MIRA", "ahead", "The scope of v1.4.0 is open."),
            Sent(late, "", "U0DANA", "ahead", "The scope of v1.4.0 is open."),
            Sent(late + timedelta(days=7), "#releases", "", "frozen", "v1.4.0 is frozen."),
        )
    )
    assert told.splitlines() == [
        "2026-12-01 to 2026-12-15, 2 weeks, under the policy with serial 2. Nothing is sent; nobody is told.",
        "It begins with v1.2.2 in production (as your store has it) and nothing in flight.",
        "Times are America/New_York.",
        "Not followed: v1.3.0, in flight now.",
        "Who is in the Slack group S0PM is not known: those who hold no other role stand for it.",
        "",
        "2026-12-01 Tuesday (-05:00)",
        "  22:30  Mira, Dana                  The scope of v1.4.0 is open.",
        "",
        "2026-12-08 Tuesday (-05:00)",
        "  22:30  #releases                   v1.4.0 is frozen.",
        "",
        "Messages                           in all  a week   most in one week",
        "  Mira                                  1     0.5   1 (week of 2026-11-30)",
        "  Dana                                  1     0.5   1 (week of 2026-11-30)",
        "  #releases                             1     0.5   1 (week of 2026-12-07)",
        "",
        "At the end v1.4.0 is in preparation; open: Support told.",
        "Refused at 2026-12-01T00:00-05:00: Priya, go (window).",
    ]


def test_one_person_sees_their_own_and_nobody_told_is_said() -> None:
    found = played(Sent(BEGINS, "", "U0MIRA", "ahead", "one"), Sent(BEGINS, "#releases", "", "frozen", "two"))
    assert [one.text for one in found.to("U0MIRA").sent] == ["one"]
    assert "Nobody would be told anything." in text(found.to("U0ERIKA"))
    assert as_json(found)["messages"][0]["name"] == "Mira"
