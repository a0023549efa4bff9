"""A remote that is gone, slow, empty or wants a password, and a clone that is broken: said plainly, nothing leaks."""

from __future__ import annotations

import asyncio
import http.server
import logging
import shutil
import threading
import time

import pytest

from bot.integrations.gitrepo.remote import Remote
from core.errors import IntegrationError, NotFound, Refused
from sandbox.product import empty


async def test_a_remote_that_was_deleted(yard):
    await yard.bot().look()
    known = yard.bot().seen()
    shutil.rmtree(yard.product.path)

    with pytest.raises(IntegrationError) as failed:
        await yard.bot().look(max_age=0)

    assert (failed.value.vendor, failed.value.retryable, failed.value.facts["reason"]) == ("git", False, "missing")
    assert yard.bot().seen() is known, "what was known is still shown, with its age"
    assert await yard.bot().contains(known.tags["v1.2.2"], known.heads["develop"]), "the clone still answers"


async def test_a_push_to_a_remote_that_was_deleted(ready):
    order = ready.promotion(ready.rc2)
    plan = await ready.bot().plan(order)
    shutil.rmtree(ready.product.path)

    with pytest.raises(IntegrationError) as failed:
        await ready.bot().push(order, plan)
    assert not failed.value.doubt, "nothing was sent"


async def test_an_empty_remote_has_no_refs_and_no_plan(tmp_path, yard):
    bot = yard.bot("empty", remote=str(empty(tmp_path / "empty.git").path))

    state = await bot.look()

    assert (state.heads, state.tags) == ({}, {})
    with pytest.raises(Refused) as refused:
        await bot.plan(yard.promotion(yard.head("develop")))
    assert refused.value.blockers[0].code == "git.branch_missing"


async def test_nothing_is_known_before_the_first_look(yard):
    assert yard.bot().seen() is None


async def test_commits_that_do_not_exist_are_not_found(yard):
    with pytest.raises(NotFound) as failed:
        await yard.bot().contains("deadbeef" * 5, yard.head("develop"))
    assert failed.value.facts["commits"] == ["deadbeef" * 5]


@pytest.mark.parametrize("spoil", ["object", "head", "config", "gone"])
async def test_a_broken_clone_is_made_again(yard, spoil):
    bot, path = yard.bot(), yard.settings().path
    await bot.look()
    if spoil == "object":
        for pack in (path / "objects").rglob("*.*"):
            pack.chmod(0o600)
            pack.write_bytes(b"")
    elif spoil == "head":
        (path / "HEAD").write_text("rubbish")
    elif spoil == "config":
        (path / "config").write_text("[core\n")
    else:
        shutil.rmtree(yard.settings().folder)

    assert await bot.contains(yard.tagged("v1.2.2"), yard.head("develop"))
    assert (await yard.do(yard.cut())).outcome == "done"


async def test_a_clone_that_cannot_be_written_is_said(yard):
    yard.settings().folder.parent.mkdir(parents=True, exist_ok=True)
    yard.settings().folder.write_text("a file stands where the folder should be")

    with pytest.raises(IntegrationError) as failed:
        await yard.bot().look()
    assert failed.value.facts["reason"] == "clone"


class Refusing(http.server.BaseHTTPRequestHandler):
    """A git host that answers each request with the status of its path, and keeps what it was sent."""

    heard: list[str]
    asked: threading.Event

    def do_GET(self):
        self.heard.append(str(self.headers.get("Authorization")))
        self.asked.set()
        status = int(self.path.split("/")[1])
        if status == 0:
            time.sleep(5)
        self.send_response(status or 200)
        if status == 401:
            self.send_header("WWW-Authenticate", "Basic realm=x")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def host():
    handler = type("Handler", (Refusing,), {"heard": [], "asked": threading.Event()})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "reason", "retryable"),
    [(401, "denied", False), (403, "denied", False), (404, "missing", False), (503, "unreachable", True)],
)
async def test_what_a_host_answers_becomes_a_reason_without_the_token(yard, host, caplog, status, reason, retryable):
    caplog.set_level(logging.DEBUG)
    port = host.server_address[1]
    bot = yard.bot("web", remote=f"http://ci-bot:s3cr3t%2Ftoken@127.0.0.1:{port}/{status}/x.git")

    with pytest.raises(IntegrationError) as failed:
        await bot.look()

    assert (failed.value.facts["reason"], failed.value.retryable) == (reason, retryable)
    told = f"{failed.value} {failed.value.facts} {caplog.text} {failed.value.__cause__} {bot._mirror.remote!r}"
    for secret in ("s3cr3t", "token", "ci-bot"):
        assert secret not in told
    assert host.RequestHandlerClass.heard[0] == "Basic Y2ktYm90OnMzY3IzdC90b2tlbg=="
    assert "s3cr3t" not in "".join(file.read_text() for file in yard.settings("web").path.glob("config"))


async def test_a_host_that_does_not_answer_ends_at_the_time_out(yard, host):
    bot = yard.bot("slow", remote=f"http://127.0.0.1:{host.server_address[1]}/0/x.git", timeout=0.5)

    started = time.monotonic()
    with pytest.raises(IntegrationError) as failed:
        await bot.look()

    assert (failed.value.facts["reason"], failed.value.retryable) == ("timeout", True)
    assert time.monotonic() - started < 3


async def test_closing_ends_what_talks_to_the_remote(yard, host):
    bot = yard.bot("slow", remote=f"http://127.0.0.1:{host.server_address[1]}/0/x.git", timeout=30)
    looking = asyncio.create_task(bot.look())
    assert await asyncio.to_thread(host.RequestHandlerClass.asked.wait, 5)

    bot.close()

    with pytest.raises(IntegrationError):
        await asyncio.wait_for(looking, 3)
    with pytest.raises(IntegrationError) as failed:
        await bot.look()
    assert failed.value.facts["reason"] == "stopping"


def test_every_form_of_a_secret_is_blanked():
    remote = Remote.parse("https://x-access-token:gh%2Fs3cret@host.example/team/app.git")
    assert remote.url == "https://host.example/team/app.git"
    address = "https://x-access-token:gh%2Fs3cret@host.example"
    cleaned = remote.clean(f"fatal: {address} gh/s3cret eC1hY2Nlc3MtdG9rZW46Z2gvczNjcmV0 Authorization: Bearer abc")
    assert "s3cret" not in cleaned
    assert "eC1hY2" not in cleaned
    assert "abc" not in cleaned
