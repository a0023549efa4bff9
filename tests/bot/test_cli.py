"""The command line: the same gates, the same words, exit codes for scripts; and acts outside a release are said so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.adopt import adopt
from bot.app import App, running
from bot.cli import make_cli
from bot.cli.acting import typed
from bot.cli.frame import run
from bot.cli.shipping import roll_back
from bot.cli.store import person_of
from bot.cli.words import in_text, plain
from bot.clock import HandClock
from bot.policy_words import in_plain_words
from core.domain.policy import parse_policy
from core.errors import Blocker, NotFound, Refused
from core.store import audit
from handlers.request import Message
from tests.bot.conftest import POLICY, Stage, make_settings


@pytest.fixture
async def terminal(stage: Stage, tmp_path: Path) -> AsyncIterator[App]:
    """A second process on the same store, as a command opens it."""
    settings = make_settings(stage.slack, tmp_path)
    async with running(settings, loops=False, listen=False, clock=HandClock(stage.clock.now())) as app:
        yield app


async def test_words_do_what_they_do_in_slack_and_are_marked(stage: Stage, terminal: App) -> None:
    told, refused = await typed(terminal, "start minor", "U0PRIYA")
    assert not refused and "v1.3.0 is started" in told
    await terminal.settle()
    assert stage.posts_about("Priya started v1.3.0") == 1
    async with stage.app.ctx.store.database.reader.connect() as conn:
        entries = await audit.entries(conn, "release:1")
    assert entries[0].body is not None and entries[0].body["via"] == "cli"


async def test_the_same_gates_refuse(stage: Stage, terminal: App) -> None:
    told, refused = await typed(terminal, "start minor", "U0DANA")
    assert refused and "Priya" in told
    await typed(terminal, "start minor", "U0PRIYA")
    told, refused = await typed(terminal, "go 1.3.0", "U0PRIYA")
    assert refused
    assert (await typed(terminal, "cancel 1.3.0", "U0PRIYA"))[1]  # Slack would open a form for the reason
    told, refused = await typed(terminal, "cancel 1.3.0 scope fell apart", "U0PRIYA")
    assert not refused, told


async def test_rolling_back_to_something_else_is_refused_in_words(stage: Stage, terminal: App) -> None:
    with pytest.raises(NotFound, match=r"the way back is v1\.2\.1"):
        await roll_back(terminal, "1.0.0", ("broken", "critical"), "U0OLU")
    with pytest.raises(NotFound, match="was not shipped by this bot"):
        await roll_back(terminal, "1.2.1", ("broken", "critical"), "U0OLU")


def test_people_are_found_by_key_name_and_id() -> None:
    policy = parse_policy(POLICY.read_text())
    assert {person_of(policy, name) for name in ("priya", "Priya", "@priya", "U0PRIYA")} == {"U0PRIYA"}
    with pytest.raises(NotFound, match="nobody called 'zoe'; it knows priya, theo"):
        person_of(policy, "zoe")


def test_slack_s_signs_become_plain_text() -> None:
    names = {"U0PRIYA": "Priya"}
    text = "*Leaves* <!date^1796742000^{date}|16 Dec 2026> · <@U0PRIYA> · a &lt;b&gt; <https://x.example/1|#1> 2*3*4"
    assert in_text(text, names) == "Leaves 16 Dec 2026 · Priya · a <b> #1 (https://x.example/1) 2*3*4"
    message = Message(
        "fallback",
        [
            {"type": "header", "text": {"type": "plain_text", "text": "v1.3.0"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*a*"}, "fields": [{"type": "mrkdwn", "text": "b"}]},
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go…"}}]},
        ],
    )
    assert plain(message).splitlines() == ["v1.3.0", "", "a", "b", "[Go…]"]
    assert plain(Message("only text")) == "only text"


def test_the_policy_in_plain_words_names_what_counts() -> None:
    told = in_plain_words(parse_policy(POLICY.read_text()))
    for words in (
        "every 2 weeks on Wednesday at 10:00 America/New_York",
        "approved by tech lead and DevOps",
        "announced 28 days before",
        "the Slack user group S0PM",
        "#product-news",
        "production: live system",
    ):
        assert words in told


def test_every_command_of_the_house_is_there() -> None:
    names = {command.name for command in make_cli().registered_commands}
    groups = {group.name for group in make_cli().registered_groups}
    assert {
        "serve",
        "manifest",
        "doctor",
        "status",
        "adopt",
        "backup",
        "restore",
        "release",
        "tag",
        "check",
        "rollback",
        "demo",
    } <= names
    assert {"db", "policy", "audit", "outbox"} <= groups


async def test_adopting_twice_is_refused(stage: Stage) -> None:
    with pytest.raises(Refused):
        await adopt(stage.app.ctx, "U0PRIYA")


def test_a_refusal_ends_a_command_in_words_and_not_in_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    async def refused() -> None:
        raise Refused([Blocker("adopted", {"version": "1.2.2"})], asked="adopt")

    with pytest.raises(typer.Exit):
        run(refused())
    assert capsys.readouterr().err == "Production is known already: it runs v1.2.2.\n"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://bot:geheim@127.0.0.1:1/bot", "Connect call failed"),
        ("sqlite:////proc/nowhere.db", "unable to open database file"),
    ],
)
@pytest.mark.parametrize("command", ["db upgrade", "status 1.3.0", "audit verify"])
def test_a_database_that_cannot_be_used_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, words: str, command: str
) -> None:
    settings = {"DATABASE_URL": url, "DATA_DIR": str(tmp_path), "RELEASE_POLICY": str(POLICY)}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PRODUCT_REPO", raising=False)
    ended = CliRunner().invoke(make_cli(), command.split())
    assert ended.exit_code == 1 and isinstance(ended.exception, SystemExit)
    assert words in ended.output and "DATABASE_URL" in ended.output and "geheim" not in ended.output


def test_what_only_reads_the_store_needs_no_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"DATA_DIR": str(tmp_path), "RELEASE_POLICY": str(POLICY)}.items():
        monkeypatch.setenv(name, value)
    for name in ("PRODUCT_REPO", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    ended = CliRunner().invoke(make_cli(), ["status", "1.3.0"])
    assert isinstance(ended.exception, SystemExit) and "Traceback" not in ended.output


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("kim:geheim::x", "must be a path or the address"),
        ("gopher://kim:geheim@x/y", "git over 'gopher' is not supported"),
    ],
)
def test_a_repository_that_is_none_is_a_wrong_setting_without_its_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, words: str
) -> None:
    for name, value in {"DATA_DIR": str(tmp_path), "PRODUCT_REPO": address}.items():
        monkeypatch.setenv(name, value)
    ended = CliRunner().invoke(make_cli(), ["adopt", "--as", "priya"])
    assert ended.exit_code == 2 and f"PRODUCT_REPO: {words}" in ended.output and "geheim" not in ended.output
