"""The witness: `emulate`, a GitHub that others wrote, installed from the lock beside this file and run with node."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bot.integrations.github.worlds import OWNER, TOKEN, World
from tests.plugins.witnesses import from_npm

PATIENCE = 10.0
OLDEST_NODE = 20
PEOPLE = ("dana", "theo", "ines", "jo")
SEED = {
    "tokens": {name: {"login": name, "scopes": ["repo"]} for name in PEOPLE}
    | {TOKEN: {"login": "release-bot", "scopes": ["repo"]}},
    "github": {
        "users": [{"login": login} for login in (*PEOPLE, "release-bot")],
        "orgs": [{"login": OWNER, "members": [{"login": one, "role": "admin"} for one in (*PEOPLE, "release-bot")]}],
        "repos": [],
    },
}
VERDICTS = {"approves": "APPROVE", "requests changes": "REQUEST_CHANGES", "comments": "COMMENT"}


def installed(cache: Path) -> Path:
    """The program, installed once for all workers; skips where npm or its registry is missing."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine: the witness emulate is not asked")
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    if int(told.strip().removeprefix("v").partition(".")[0] or 0) < OLDEST_NODE:
        pytest.skip(f"node {told.strip()} is too old for the witness emulate: it needs {OLDEST_NODE}")
    return from_npm(Path(__file__).parent / "witness", cache, "emulate") / "dist" / "index.js"


@contextlib.contextmanager
def served(program: Path, folder: Path, service: str = "github", content: object = SEED) -> Iterator[str]:
    """Run one of its services; its address. One program for all tests, each with a repository of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    seed = folder / "seed.json"
    seed.write_text(json.dumps(content))
    words = ["start", "--service", service, "--port", str(port), "--seed", str(seed), "--base-url", url]
    with (folder / "emulate.log").open("wb") as log:
        running = subprocess.Popen(["node", str(program), *words], stdout=log, stderr=log, cwd=folder)
    try:
        end = time.monotonic() + PATIENCE
        while not _listens(port):
            if running.poll() is not None or time.monotonic() > end:
                pytest.fail(f"emulate did not start: {(folder / 'emulate.log').read_text()[-500:]}")
            time.sleep(0.02)
        yield url
    finally:
        running.terminate()
        running.wait(5)


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Emulated(World):
    """People act over the API, each with a token of their own."""

    url: str

    async def call(self, method: str, path: str, body: Any = None, by: str = "dana") -> Any:
        status, told = await self.ask(method, path, body, by)
        assert status < 300, f"{method} {path}: {status} {told}"
        return told

    async def ask(self, method: str, path: str, body: Any = None, by: str = "dana") -> tuple[int, Any]:
        address = f"{self.url}{path}" if path.startswith("/orgs") else f"{self.url}/repos/{self.repository}{path}"
        headers = {"authorization": f"token {by}"}
        async with self.session.request(method, address, json=body, headers=headers) as answer:
            status, told = answer.status, await answer.json()
        self.sent.pop()  # that was not the adapter
        return status, told

    @property
    def repository(self) -> str:
        return self.github.settings.repository

    async def begin(self) -> None:
        """The repository, with a first commit."""
        body = {"name": self.repository.partition("/")[2], "auto_init": True, "private": True}
        await self.call("POST", f"/orgs/{OWNER}/repos", body)

    async def branch(self, name: str, start: str = "main", text: str = "") -> str:
        await self.call("POST", "/git/refs", {"ref": f"refs/heads/{name}", "sha": await self.head(start)})
        if text:
            await self.commit(name, f"{name.replace('/', '-')}.txt", text)
        return await self.head(name)

    async def commit(self, branch: str, path: str, text: str) -> None:
        body = {"message": f"Work on {branch}", "content": base64.b64encode(text.encode()).decode(), "branch": branch}
        await self.call("PUT", f"/contents/{path}", body)

    async def head(self, branch: str) -> str:
        return str((await self.call("GET", f"/git/ref/heads/{branch}"))["object"]["sha"])

    async def tag(self, name: str) -> None:
        await self.call("POST", "/git/refs", {"ref": f"refs/tags/{name}", "sha": await self.head("main")})

    async def has_tag(self, name: str) -> bool:
        return any(ref["ref"] == f"refs/tags/{name}" for ref in await self.call("GET", "/git/matching-refs/tags/"))

    async def opens_pull(self, head: str, base: str, title: str, body: str) -> int:
        wanted = {"head": head, "base": base, "title": title, "body": body}
        return int((await self.call("POST", "/pulls", wanted))["number"])

    async def files_issue(self, title: str, milestone: int | None, *labels: str) -> int:
        for label in labels:
            await self.call("POST", "/labels", {"name": label, "color": "ededed"})
        wanted = {"title": title, "milestone": milestone, "labels": list(labels)}
        return int((await self.call("POST", "/issues", wanted, by="jo"))["number"])

    async def makes_milestones(self, *titles: str) -> None:
        for title in titles:
            await self.call("POST", "/milestones", {"title": title})

    async def plans(self, number: int, milestone: int) -> None:
        await self.call("PATCH", f"/pulls/{number}", {"milestone": milestone})

    async def closes(self, number: int) -> None:
        await self.call("PATCH", f"/issues/{number}", {"state": "closed"})

    async def reviews(self, by: str, number: int, how: str = "approves") -> None:
        await self.call("POST", f"/pulls/{number}/reviews", {"event": VERDICTS[how], "body": how}, by=by)

    async def merges(self, number: int) -> str:
        return str((await self.call("PUT", f"/pulls/{number}/merge", {}, by="ines"))["sha"])

    async def runs_check(self, sha: str, name: str, conclusion: str | None) -> None:
        status = "completed" if conclusion else "in_progress"
        body = {"name": name, "head_sha": sha, "status": status, **({"conclusion": conclusion} if conclusion else {})}
        await self.call("POST", "/check-runs", body)

    async def release(self, tag: str) -> SimpleNamespace:
        (one,) = [one for one in await self.call("GET", "/releases") if one["tag_name"] == tag]
        assets = {asset["name"]: asset["size"] for asset in one["assets"]}
        return SimpleNamespace(**{name: one[name] for name in ("name", "body", "draft", "prerelease")}, assets=assets)
