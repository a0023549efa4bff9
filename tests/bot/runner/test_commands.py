"""Commands that misbehave, processes that are killed around them, and what nobody may read."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.runner import commands, logs
from bot.runner.commands import Commands, Limits
from bot.runner.exits import is_alive
from bot.runner.job import Job
from bot.runner.shim import marked
from core.domain.pipeline.model import Seen
from core.errors import IntegrationError
from tests.bot.runner.conftest import Bench, job, until, watched
from tests.plugins.disk import full_disk

SHELL = "/bin/sh", "-c"


def python(code: str, **more: object) -> Job:
    return job(sys.executable, "-I", "-S", "-c", code, **more)


def log_of(bench: Bench, one: Job) -> str:
    return "".join(logs.whole(bench.process()._folder(one)))


async def test_it_runs_in_a_checkout_and_knows_what_it_is_for(bench: Bench) -> None:
    told = "cat README.md; echo $RELEASE_VERSION to $RELEASE_ENVIRONMENT for $RELEASE_STEP"
    bench.environment = {"SLACK_BOT_TOKEN": "xoxb-1", "KUBECONFIG": "here"}
    one = job(*SHELL, f"{told}; env | grep -c -e SLACK -e KUBECONFIG")
    seen = await bench.ends(one)
    assert (seen.state, seen.rc, seen.line) == ("done", 0, "1")
    assert log_of(bench, one).splitlines()[:2] == [
        "hello", f"1.3.0 to production for 7:one:1@{bench.process().workshop.machine}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "rc", "why"),
    [
        ((*SHELL, "echo broken >&2; exit 4"), 4, "it ended with exit code 4"),
        ((*SHELL, "kill -SEGV $$"), -signal.SIGSEGV, "it was ended by SIGSEGV"),
        (("no-such-command", "x"), 127, "it could not be started: No such file or directory"),
        (("./missing.sh",), 127, "it could not be started: No such file or directory"),
        (("./README.md",), 126, "it could not be started: Permission denied"),
    ],
)
async def test_how_it_ends(bench: Bench, command: tuple[str, ...], rc: int, why: str) -> None:
    seen = await bench.ends(job(*command))
    assert (seen.state, seen.rc, seen.reason) == ("failed", rc, why)


async def test_one_that_hangs_and_hears_no_sigterm_is_killed_with_its_children(bench: Bench) -> None:
    """Also the child that left the group and has closed everything."""
    code = "trap '' TERM; setsid sh -c 'trap \"\" TERM; exec >/dev/null 2>&1; while :; do sleep 5; done' &"
    code += " while :; do sleep 5; done"
    one = job(*SHELL, code, timeout=1)
    seen = await bench.ends(one)
    assert (seen.state, seen.reason) == ("failed", "it took longer than 1 s and was ended")
    assert marked(f"RELEASE_STEP={bench.process()._mark(one)}".encode()) == []


async def test_one_that_hears_sigterm_may_clean_up(bench: Bench) -> None:
    one, by = job(*SHELL, "trap 'echo cleaned; exit 3' TERM; echo ready; while :; do sleep 0.05; done"), bench.process()
    bench.begun.append((by, one))
    ref = await by.begin(one)
    await until(lambda: logs.tail(by.workshop.folder / ref, 1) == ["ready"])
    await by.end(one, ref)
    seen = await watched(by, one, ref)
    assert (seen.state, seen.rc, seen.reason, seen.line) == ("failed", 3, "it was stopped by a person", "cleaned")


async def test_what_a_command_leaves_behind_does_not_hold_the_step_up(bench: Bench) -> None:
    """A service that was started shall run on; its open output is no reason to wait."""
    one = job(*SHELL, "sleep 30 & echo started")
    seen = await bench.ends(one, patience=4.0)
    assert (seen.state, seen.line) == ("done", "started")
    left = marked(f"RELEASE_STEP={bench.process()._mark(one)}".encode())
    assert len(left) == 1
    os.kill(left[0], signal.SIGKILL)


async def test_a_flood_keeps_its_beginning_and_its_end(bench: Bench) -> None:
    bench.limits = Limits(head=1_000_000, tail=500_000)
    lines = "for n in range(60): w(('x' * 99 + '\\n') * 10_000)"
    one = python(f"import sys; w = sys.stdout.write; w('first\\n')\n{lines}\nw('last\\n')")
    seen = await bench.ends(one)
    said = log_of(bench, one)
    assert (seen.state, seen.line) == ("done", "last")
    assert said.startswith("first\n")
    assert said.endswith("last\n")
    assert "bytes are left out here" in said
    assert 1_400_000 < (bench.process()._folder(one) / "log").stat().st_size < 1_800_000


async def test_one_huge_line_and_what_is_no_text(bench: Bench) -> None:
    huge = "os.write(1, bytes(range(256)) * 4 + b'y' * 300_000)"
    one = python(f"import os; {huge}; os.write(1, b'\\x1b[31mred\\x1b[0m\\n')")
    seen = await bench.ends(one)
    assert (seen.state, len(seen.line)) == ("done", logs.LONGEST_LINE)
    assert log_of(bench, one).count("y") == 300_004


async def test_nobody_reads_a_secret(bench: Bench) -> None:
    """By its value, by its look, across lines, within one line without an end, and of the bot itself."""
    bench.environment = {
        "PAYMENTS_API_KEY": "s3cr3t-value", "PLAIN": "seen",
        "DATABASE_URL_PRODUCTION": "postgresql://u:p%40ssw0rd@db/x",
    }  # fmt: skip
    bench.known = ("signing-secret-of-the-bot",)
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nsecondline\n-----END RSA PRIVATE KEY-----"
    one = job(
        *SHELL,
        f"echo $PAYMENTS_API_KEY $PLAIN; echo $DATABASE_URL_PRODUCTION; echo 'p@ssw0rd'; echo '{key}'; echo after;"
        "echo signing-secret-of-the-bot; echo token=ghp_abcdefghijklmnop1234; head -c 65530 /dev/zero | tr '\\0' z;"
        "echo -n $PAYMENTS_API_KEY; head -c 65530 /dev/zero | tr '\\0' z",
    )
    assert (await bench.ends(one)).state == "done"
    said = log_of(bench, one)
    for secret in ("s3cr3t", "p%40ss", "p@ss", "MIIE", "secondline", "signing-secret", "ghp_", "t-value"):
        assert secret not in said, secret
    assert "[removed] seen\n" in said
    assert "\nafter\n" in said


async def test_a_full_disk_begins_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The room for saying how it ended is taken first."""
    popen = commands.subprocess.Popen

    def no_room(*args: object, **more: object) -> object:
        with full_disk():
            return popen(*args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(commands.subprocess, "Popen", no_room)
    one = job(*SHELL, "touch $MARK")
    bench.environment = {"MARK": str(bench.folder / "mark")}
    seen = await bench.ends(one)
    assert seen.state == "failed"
    assert seen.reason.startswith("it could not be begun")
    assert not (bench.folder / "mark").exists()


# --- kills ------------------------------------------------------------------------------------------------------------


async def _until_begun(by: Commands, one: Job) -> Path:
    folder = by._folder(one)
    await until((folder / "begun").exists)
    return folder


async def test_another_process_goes_on_watching(bench: Bench) -> None:
    """As after kill -9 of the bot: the command is not touched, and its end is seen by who comes next."""
    one, gone = job(*SHELL, "echo on; sleep 0.5; echo off"), bench.process()
    bench.begun.append((gone, one))
    ref = await gone.begin(one)
    after, taken = bench.process(), replace(one, again=True, machine=gone.workshop.machine)
    assert await after.find(taken) == ref
    assert (await after.look(taken, ref)).state == "running"
    assert await after.begin(taken) == ref  # begun once
    seen = await watched(after, taken, ref)
    assert (seen.state, seen.line) == ("done", "off")
    assert log_of(bench, one).count("on\n") == 1
    assert await bench.process().find(taken) == ref
    assert (await bench.process().look(taken, ref)) == seen


async def test_killed_before_the_command_began(bench: Bench) -> None:
    """The shim was given half an order, or none: it is sure that nothing was begun, and it is begun now."""
    one, by = job(*SHELL, "echo done"), bench.process()
    folder = by._folder(one)
    taken = replace(one, again=True, machine=by.workshop.machine)
    assert await by.find(taken) == ""
    folder.mkdir()
    (folder / "alive").touch()
    assert await by.find(taken) == ""
    assert (await bench.ends(taken, by)).state == "done"


async def test_the_shim_is_killed(bench: Bench) -> None:
    """The command is let be; nobody knows how it ended, and that is said only when nothing of it runs any more."""
    one, by = job(*SHELL, "sleep 0.6; true"), bench.process()
    bench.begun.append((by, one))
    ref = await by.begin(one)
    folder = await _until_begun(by, one)
    await until(lambda: marked(f"RELEASE_STEP={by._mark(one)}".encode()))
    os.kill(int((folder / "begun").read_text()), signal.SIGKILL)
    await until(lambda: not is_alive(folder))
    assert (await by.look(one, ref)).state == "running"
    assert (await watched(by, one, ref)).state == "unknown"


async def test_the_shim_is_killed_and_the_command_hangs(bench: Bench) -> None:
    one, by = job(*SHELL, "trap '' TERM; while :; do sleep 1; done"), bench.process()
    bench.begun.append((by, one))
    ref = await by.begin(one)
    folder = await _until_begun(by, one)
    await until(lambda: marked(f"RELEASE_STEP={by._mark(one)}".encode()))
    os.kill(int((folder / "begun").read_text()), signal.SIGKILL)
    await until(lambda: not is_alive(folder))
    await by.end(one, ref)
    assert (await by.look(one, ref)).state == "unknown"
    assert marked(f"RELEASE_STEP={by._mark(one)}".encode()) == []


async def test_the_command_is_killed(bench: Bench) -> None:
    one, by = job(*SHELL, "echo $$; exec sleep 30"), bench.process()
    bench.begun.append((by, one))
    ref = await by.begin(one)
    await until(lambda: logs.tail(by.workshop.folder / ref, 1))
    os.kill(int(logs.tail(by.workshop.folder / ref, 1)[0]), signal.SIGKILL)
    seen = await watched(by, one, ref)
    assert (seen.state, seen.reason) == ("failed", "it was ended by SIGKILL")


async def test_another_machine_can_only_say_that_nobody_knows(bench: Bench, tmp_path: Path) -> None:
    one = replace(job("true"), machine=bench.process().workshop.machine, again=True)
    elsewhere = Bench(tmp_path / "elsewhere").process()
    assert await elsewhere.find(one) is None
    assert (await elsewhere.look(one, "7-one-1")).state == "unknown"


async def test_two_processes_begin_it_at_once(bench: Bench) -> None:
    """One of them was frozen for longer than its lease: the command starts once."""
    one, mark = job(*SHELL, "echo once >> $MARK; sleep 0.2"), bench.folder / "mark"
    bench.environment = {"MARK": str(mark)}
    two = bench.process(), bench.process()
    bench.begun.append((two[0], one))
    refs = await asyncio.gather(*(by.begin(one) for by in two))
    seen: list[Seen] = [await watched(by, one, ref) for by, ref in zip(two, refs, strict=True)]
    assert [s.state for s in seen] == ["done", "done"]
    assert mark.read_text() == "once\n"


async def test_a_repository_that_does_not_answer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    by = bench.process()

    async def down(sha: str, folder: Path) -> None:
        raise IntegrationError("git", retryable=True)

    monkeypatch.setattr(by.workshop.checkouts.repository, "checkout", down)
    with pytest.raises(IntegrationError):
        await by.begin(job("true"))
    assert list(by.workshop.folder.iterdir()) == []


@pytest.mark.torture
async def test_a_gigabyte(bench: Bench) -> None:
    code = "import os\nfor n in range(16_384): os.write(1, b'0123456789abcde\\n' * 4096)"
    one = python(code, timeout=600)
    seen = await bench.ends(one, patience=300.0)
    assert seen.state == "done"
    assert (bench.process()._folder(one) / "log").stat().st_size < 55_000_000
