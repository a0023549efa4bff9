"""A job of GitHub Actions asks whether it may deploy, over a signed webhook, and hears the release's own reasons."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.github_hook import GITHUB_PATH
from bot.integrations.github import GitHub, GitHubSettings
from bot.protecting import asked_of
from core.domain.product import Environment
from core.errors import IntegrationError
from core.store import environments
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from sandbox.github import deploying
from sandbox.github.records import Token
from sandbox.github.server import GitHubServer
from sandbox.github.server import Settings as ServerSettings
from tests.bot.conftest import POLICY, Stage, Stages

REPOSITORY, TOKEN = "asset-anchor/asset-anchor", "github_pat_sandbox_1234567890"
SECRET, APP = "a secret of sixteen and more", "Iv1.sandbox"


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    """Private and public key of the app, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def answered(stage: Stage, github: GitHubServer, environment: str, sha: str) -> tuple[str, str]:
    job = deploying.asks(github.hub, environment, sha)
    await github.hooks.settle()
    await stage.app.settle()
    return job.state, job.comment


async def runs(stage: Stage, environment: str, sha: str) -> None:
    """The record says that an environment runs this commit."""
    ctx = stage.app.ctx

    async def work(unit: Unit) -> None:
        place = (await environments.of_product(unit.conn, ctx.product)).get(environment) or Environment(environment)
        await environments.put(unit, ctx.product, replace(place, sha=sha))

    await ctx.store.unit(work, verb="test.runs", chains=(product_chain(ctx.product),))


async def test_a_job_is_let_through_by_the_same_gates(
    stages: Stages, prepared: Path, tmp_path: Path, keys: tuple[str, str]
) -> None:
    policy = tmp_path / "policy.toml"
    later = POLICY.read_text().replace("serial = 2", "serial = 3")
    policy.write_text(later + f'\n[github]\nrepository = "{REPOSITORY}"\n')
    remote = ServerSettings(prepared / "remote.git", REPOSITORY, (Token(TOKEN),), hook_secret=SECRET)
    async with GitHubServer(remote) as github:
        github.hub.app = (APP, keys[1])
        settings = {
            "release_policy": policy, "github_token": TOKEN, "github_api_url": github.url,
            "github_webhook_secret": SECRET, "github_app_id": APP, "github_app_key": keys[0].replace("\n", "\\n"),
        }  # fmt: skip
        async with stages(**settings) as stage:
            assert stage.app.listener is not None
            github.hooks.url = f"{stage.app.listener.address}{GITHUB_PATH}"
            shipped, head = (stage.product.commit_of(name) for name in ("v1.2.2", "develop"))
            assert await answered(stage, github, "production", head) == (
                "rejected",
                "No open release has this commit as its candidate.",
            )
            assert await answered(stage, github, "development", head) == ("approved", "development is free.")
            await runs(stage, "production", shipped)
            assert await answered(stage, github, "production", shipped) == (
                "approved",
                "v1.2.2 runs on production already.",
            )
            job = github.hub.waiting[max(github.hub.waiting)]
            before = github.made("actions.review")
            github.hooks.redeliver(github.hooks.deliveries[-1])
            await github.hooks.settle()
            await stage.app.settle()
            assert (github.made("actions.review"), job.state) == (before, "approved"), "the same knock is one answer"
            people = GitHub(GitHubSettings(REPOSITORY, TOKEN, github.url), stage.app.session)
            with pytest.raises(IntegrationError, match="GITHUB_APP_ID"):
                await people.answer_rule({"callback": "", "environment": "production", "installation": 1}, True, "")
            with pytest.raises(IntegrationError, match="not of this repository"):
                asked = {"callback": "http://127.0.0.2/repos/x", "environment": "production", "installation": 1}
                assert stage.app.ctx.forge is not None
                await stage.app.ctx.forge.answer_rule(asked, True, "")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"action": "other"}', b'{"action": "requested", "environment": "x"}', b"\xff"],
)
def test_what_asks_for_nothing_is_nothing(body: bytes) -> None:
    assert asked_of(body) is None


def test_a_question_is_kept_short() -> None:
    body = {
        "action": "requested", "environment": "e" * 500, "deployment": {"sha": "s" * 500},
        "deployment_callback_url": "c" * 900, "installation": {"id": 7},
    }  # fmt: skip
    found = asked_of(json.dumps(body).encode())
    assert found is not None
    assert [len(str(value)) for value in found.values()] == [100, 64, 500, 1]
