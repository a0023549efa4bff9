"""What the doctor finds about GitHub, and what it tells people to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.doctor_forge import Finding, findings
from bot.settings import Settings
from core.domain.policy import Policy, parse_policy
from sandbox.github.records import FULL, Token
from sandbox.github.server import GitHubServer
from sandbox.github.server import Settings as ServerSettings
from sandbox.product.seed import seed
from tests.bot.conftest import POLICY

REPOSITORY = "asset-anchor/asset-anchor"
TOKEN = "github_pat_sandbox_1234567890"


@pytest.fixture
def policy() -> Policy:
    return parse_policy(POLICY.read_text() + f'\n[github]\nrepository = "{REPOSITORY}"\n')


async def found(policy: Policy | None, **settings: object) -> dict[str, Finding]:
    return {finding[0]: finding async for finding in findings(Settings(**settings), policy)}  # type: ignore[arg-type]


async def test_where_nothing_is_connected_nothing_is_said() -> None:
    assert await found(parse_policy(POLICY.read_text())) == {}
    assert await found(None) == {}


async def test_half_a_connection_is_named(policy: Policy) -> None:
    (lacking,) = (await found(policy)).values()
    assert not lacking[1]
    assert "GITHUB_TOKEN" in lacking[3]
    for half in (None, parse_policy(POLICY.read_text())):
        (lacking,) = (await found(half, github_token=TOKEN)).values()
        assert "[github]" in lacking[3]


async def test_what_the_token_may_and_how_long_it_lives(policy: Policy, tmp_path: Path) -> None:
    product = seed(tmp_path / "remote.git")
    soon = datetime.now(UTC) + timedelta(days=3)
    tokens = (
        Token(TOKEN),
        Token("github_pat_few", permissions={**FULL, "statuses": "", "actions": ""}, expires=soon),
    )
    async with GitHubServer(ServerSettings(product.remote, REPOSITORY, tokens)) as github:
        whole = await found(policy, github_token=TOKEN, github_api_url=github.url)
        assert all(finding[1] for finding in whole.values()), whole
        assert "private" in whole["github"][2]
        assert "GitHub Actions" in whole["github checks"][2]
        few = await found(policy, github_token="github_pat_few", github_api_url=github.url)
        wrong = {what for what, finding in few.items() if not finding[1]}
        assert wrong == {"github commit statuses", "github checks", "github token"}
        assert all(few[what][3] for what in wrong)
        github.limits.remaining = 20
        assert "github limit" in await found(policy, github_token=TOKEN, github_api_url=github.url)
        denied = await found(policy, github_token="github_pat_wrong", github_api_url=github.url)
        assert not denied["github"][1]
        assert "docs/github.md" in denied["github"][3]
    away = await found(policy, github_token=TOKEN, github_api_url=github.url)
    assert "reached" in away["github"][3]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"github_webhook_secret": "sixteen-letters-and-more"}, "/github/webhook"),
        ({}, "every minute"),
        ({"slack_app_token": "xapp-1", "github_webhook_secret": "sixteen-letters-and-more"}, "Socket Mode"),
    ],
)
async def test_how_it_hears_of_changes(policy: Policy, settings: dict[str, str], words: str) -> None:
    told = await found(policy, github_token=TOKEN, github_api_url="http://127.0.0.1:1", github_app_id="1", **settings)
    assert words in told["github webhook"][2]
    assert "GITHUB_APP_KEY" in told["github app"][2], "half of an app answers nobody"
