"""The sandbox's GitHub refuses what GitHub refuses, in its words, and has GitHub's own traps."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.github.records import Token
from sandbox.github.server import GitHubServer, Settings
from sandbox.product.seed import SeededProduct

FINE, CLASSIC, OLD = "github_pat_1", "ghp_1", "github_pat_old"
REPOSITORY = "acme/anchor"


@dataclass
class Client:
    """Asks as any program would."""

    server: GitHubServer
    session: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str = CLASSIC, raw: bytes | None = None,
        **headers: str,
    ) -> tuple[int, Any, dict[str, str]]:  # fmt: skip
        sent = {**({"Authorization": f"Bearer {token}"} if token else {}), **headers}
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        url = f"{self.server.url}{path}" if path.startswith(("/repos/", "/up", "/no")) else self.of(path)
        async with self.session.request(method, url, data=data, headers=sent) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None, {k.lower(): v for k, v in answer.headers.items()}

    def of(self, path: str) -> str:
        return f"{self.server.url}/repos/{REPOSITORY}{path}"

    async def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str, list[Any]]:
        status, told, _ = await self.ask(method, path, body, **more)
        assert status >= 400
        assert told["status"] == str(status)
        return status, told["message"], told.get("errors", [])


@pytest.fixture
async def client(seeded: SeededProduct) -> AsyncIterator[Client]:
    now = datetime(2026, 11, 30, 14, tzinfo=UTC)
    tokens = (
        Token(FINE),
        Token(CLASSIC, scopes=frozenset({"repo"})),
        Token("ghp_public", scopes=frozenset({"gist"})),
        Token(OLD, expires=now - timedelta(days=1)),
    )
    settings = Settings(seeded.remote, REPOSITORY, tokens, now=lambda: now)
    async with GitHubServer(settings) as server, aiohttp.ClientSession() as session:
        server.people.adopts(seeded.merged, seeded.open)
        yield Client(server, session)


# -- who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "path", "status", "message"),
    [
        ("", "/pulls", 404, "Not Found"),
        ("wrong", "/pulls", 401, "Bad credentials"),
        (OLD, "/pulls", 401, "Bad credentials"),
        ("ghp_public", "/pulls", 404, "Not Found"),
        (CLASSIC, "/repos/acme/other/pulls", 404, "Not Found"),
        (CLASSIC, "/nothing", 404, "Not Found"),
        (FINE, "/commits/main/check-runs", 403, "Resource not accessible by personal access token"),
    ],
)
async def test_who_may_not(client: Client, token: str, path: str, status: int, message: str) -> None:
    assert (await client.refused("GET", path, token=token))[:2] == (status, message)


async def test_a_lacking_permission_is_named(client: Client) -> None:
    client.server.tokens["few"] = Token("few", permissions={"metadata": "read", "issues": "read"})
    status, _, headers = await client.ask("POST", "/milestones", {"title": "x"}, token="few")
    assert (status, headers["x-accepted-github-permissions"]) == (403, "issues=write; pull_requests=write")
    assert client.server.hub.milestones == {}


async def test_a_program_without_a_name(client: Client) -> None:
    assert (await client.refused("GET", "/pulls", **{"User-Agent": ""}))[0] == 403


# -- what is wrong about it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"{", b"", b"[1]", b'"x"', b"\xff"])
async def test_a_body_that_is_no_object(client: Client, raw: bytes) -> None:
    status, message, _ = await client.refused("POST", "/milestones", raw=raw)
    assert (status, message) in [(400, "Problems parsing JSON"), (400, "Body should be a JSON object")]


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        ("/milestones", {"title": " "}, {"resource": "Milestone", "code": "missing_field", "field": "title"}),
        ("/milestones", {"title": "taken"}, {"resource": "Milestone", "code": "already_exists", "field": "title"}),
        ("/milestones", {"title": "x", "state": "shut"}, {"code": "invalid", "field": "state"}),
        ("/milestones", {"title": "x", "due_on": "2026-12-16"}, {"code": "invalid", "field": "due_on"}),
        ("/pulls", {"title": "x", "head": "nowhere", "base": "main"}, {"code": "invalid", "field": "head"}),
        ("/pulls", {"title": "x", "head": "develop", "base": "-x"}, {"code": "invalid", "field": "base"}),
        ("/pulls", {"title": "x", "head": "develop"}, {"code": "missing_field", "field": "base"}),
        ("/pulls", {"title": "x", "head": "main", "base": "main"}, {"message": "No commits between main and main"}),
        (
            "/pulls",
            {"title": "x", "head": "fix/AA-167-apostrophe", "base": "develop"},
            {"message": "A pull request already exists for acme:fix/AA-167-apostrophe."},
        ),
        (
            "/pulls",
            {"title": "x", "head": "develop", "base": "main", "body": "x" * 65_537},
            {"message": "body is too long (maximum is 65536 characters)"},
        ),
        ("/releases", {"tag_name": ""}, {"code": "missing_field", "field": "tag_name"}),
        ("/releases", {"tag_name": "v1.2.2"}, {"code": "already_exists", "field": "tag_name"}),
        ("/releases", {"tag_name": "v1", "target_commitish": "no"}, {"code": "invalid", "field": "target_commitish"}),
        ("/releases", {"tag_name": "v1", "make_latest": "yes"}, {"code": "invalid", "field": "make_latest"}),
        ("/releases", {"tag_name": "v1", "draft": True, "make_latest": "true"}, {"field": "make_latest"}),
        (
            "/releases",
            {"tag_name": "v1", "body": "x" * 125_001},
            {"code": "custom", "field": "body", "message": "body is too long (maximum is 125000 characters)"},
        ),
    ],
)
async def test_validation_names_resource_code_and_field(
    client: Client, path: str, body: dict[str, Any], detail: dict[str, str]
) -> None:
    await client.ask("POST", "/milestones", {"title": "taken"})
    await client.ask("POST", "/releases", {"tag_name": "v1.2.2"})
    status, message, errors = await client.refused("POST", path, body)
    assert (status, message) == (422, "Validation Failed")
    assert detail.items() <= errors[0].items()


@pytest.mark.parametrize("body", [{"title": "x", "due": "x"}, {"title": 1}, {"title": "x", "state": True}])
async def test_keys_and_types_that_an_endpoint_does_not_have(client: Client, body: dict[str, Any]) -> None:
    status, message, _ = await client.refused("POST", "/milestones", body)
    assert status == 422
    assert message.startswith("Invalid request.")


async def test_a_latest_that_is_no_text(client: Client) -> None:
    assert (await client.refused("POST", "/releases", {"tag_name": "v1", "make_latest": True}))[0] == 422


async def test_what_is_not_there(client: Client) -> None:
    for path in ("/pulls/9999", "/pulls/x", "/releases/tags/v9", "/releases/latest", "/git/ref/tags/v9"):
        assert (await client.refused("GET", path))[:2] == (404, "Not Found"), path


async def test_commits_and_milestones_that_are_not_there(client: Client) -> None:
    assert (await client.refused("GET", f"/commits/{'a' * 40}/check-runs"))[:2] == (
        422, f"No commit found for SHA: {'a' * 40}",
    )  # fmt: skip
    assert (await client.refused("GET", f"/commits/{'a' * 40}/status"))[0] == 404
    assert (await client.refused("GET", "/issues?milestone=7"))[0] == 422
    assert (await client.refused("PATCH", "/milestones/7", {"title": "x"}))[0] == 404


# -- pages and limits ----------------------------------------------------------------------------------------------


async def test_pages_name_each_other_and_have_at_most_a_hundred(client: Client) -> None:
    _, first, headers = await client.ask("GET", "/pulls?state=all&per_page=5")
    assert len(first) == 5
    assert f'<{client.of("/pulls")}?state=all&per_page=5&page=2>; rel="next"' in headers["link"]
    assert 'page=4>; rel="last"' in headers["link"]
    _, last, headers = await client.ask("GET", "/pulls?state=all&per_page=5&page=4")
    assert len(last) == 1
    assert 'rel="next"' not in headers["link"]
    assert client.server.door.complaints == []
    await client.ask("GET", "/pulls?state=all&per_page=500")
    assert client.server.door.complaints == [f"/repos/{REPOSITORY}/pulls: per_page=500 is taken for 100"]


async def test_what_is_unchanged_costs_nothing(client: Client) -> None:
    _, _, headers = await client.ask("GET", "/pulls")
    left = int(headers["x-ratelimit-remaining"])
    status, body, again = await client.ask("GET", "/pulls", **{"If-None-Match": headers["etag"]})
    assert (status, body, int(again["x-ratelimit-remaining"])) == (304, None, left)


async def test_an_hour_that_is_used_up_ends(client: Client) -> None:
    client.server.limits.remaining = 1
    assert (await client.ask("GET", "/pulls"))[0] == 200
    status, told, headers = await client.ask("GET", "/pulls")
    assert (status, headers["x-ratelimit-remaining"]) == (403, "0")
    assert "rate limit exceeded" in told["message"]
    client.server.clock.pass_by(3601)
    assert (await client.ask("GET", "/pulls"))[0] == 200


# -- traps that are GitHub's own -----------------------------------------------------------------------------------


async def test_a_release_without_its_tag_makes_one(client: Client) -> None:
    await client.ask("POST", "/releases", {"tag_name": "v9.9.9", "draft": True})
    assert "refs/tags/v9.9.9" not in client.server.hub.refs.all()
    assert (await client.ask("GET", "/releases/tags/v9.9.9"))[0] == 404
    (draft,) = (await client.ask("GET", "/releases"))[1]
    await client.ask("PATCH", f"/releases/{draft['id']}", {"draft": False})
    assert client.server.hub.refs.all()["refs/tags/v9.9.9"] == client.server.hub.refs.head("main")


async def test_a_due_date_is_the_pacific_day(client: Client) -> None:
    midnight = {"title": "a", "due_on": "2026-12-16T00:00:00Z"}
    assert (await client.ask("POST", "/milestones", midnight))[1]["due_on"] == "2026-12-15T08:00:00Z"
    noon = {"title": "b", "due_on": "2026-12-16T12:00:00Z"}
    assert (await client.ask("POST", "/milestones", noon))[1]["due_on"] == "2026-12-16T08:00:00Z"


async def test_no_statuses_at_all_are_called_pending(client: Client) -> None:
    _, told, _ = await client.ask("GET", "/commits/main/status")
    assert (told["state"], told["statuses"], told["total_count"]) == ("pending", [], 0)


async def test_the_newest_release_is_the_latest_until_somebody_says_otherwise(client: Client) -> None:
    for tag, more in (("v1.0.0", {}), ("v1.2.2", {}), ("v1.1.0", {"make_latest": "false"})):
        await client.ask("POST", "/releases", {"tag_name": tag, **more})
    assert (await client.ask("GET", "/releases/latest"))[1]["tag_name"] == "v1.2.2"
    (old,) = [one for one in client.server.hub.releases.values() if one.tag == "v1.0.0"]
    await client.ask("PATCH", f"/releases/{old.id}", {"make_latest": "true"})
    assert (await client.ask("GET", "/releases/latest"))[1]["tag_name"] == "v1.0.0"
    await client.ask("PATCH", f"/releases/{old.id}", {"prerelease": True})
    assert (await client.ask("GET", "/releases/latest"))[1]["tag_name"] == "v1.2.2"


async def test_files_have_plain_names_and_one_of_each(client: Client) -> None:
    release = (await client.ask("POST", "/releases", {"tag_name": "v1.2.2"}))[1]
    place = release["upload_url"].removeprefix(client.server.url).partition("{")[0]
    made = (await client.ask("POST", f"{place}?name=full%20notes.md", raw=b"x"))[1]
    assert (made["name"], made["size"], made["state"]) == ("full.notes.md", 1, "uploaded")
    assert (await client.refused("POST", f"{place}?name=full%20notes.md", raw=b"x"))[2][0]["code"] == "already_exists"
    assert (await client.refused("POST", f"{place}?name=a", raw=b""))[0] == 400
    assert (await client.ask("DELETE", f"/releases/assets/{made['id']}"))[0] == 204
    assert (await client.refused("DELETE", f"/releases/assets/{made['id']}"))[0] == 404


@pytest.mark.parametrize(("kind", "kept"), [("error_before", 0), ("error_after", 1), ("drop", 1), ("reset", 0)])
async def test_faults_by_rule(client: Client, kind: str, kept: int) -> None:
    client.server.faults.add("milestones.create", kind, nth=1)  # type: ignore[arg-type]
    try:
        async with client.session.post(
            client.of("/milestones"), json={"title": "x"}, headers={"Authorization": f"token {CLASSIC}"}
        ) as answer:
            assert answer.status == 502
    except aiohttp.ClientError:
        assert kind in ("drop", "reset")
    assert len(client.server.hub.milestones) == kept
    assert client.server.made("milestones.create") == kept
