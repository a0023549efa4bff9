"""One plan, one effect: repeated, raced, refused, cut off and killed pushes leave the remote either before or after."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.integrations.gitrepo import GitRepository
from core.errors import IntegrationError

PUSHER = Path(__file__).with_name("pusher.py")


def start_pusher(yard, bot: str, order, plan) -> subprocess.Popen[str]:
    """Another process that publishes the plan and prints the outcome; it waits for a line before it starts."""
    facts = {
        "remote": str(yard.product.path), "folder": str(yard.folder / bot / "git"), "candidate": order.candidate_sha,
        "tag": order.tag, "known": list(order.known), "title": order.title, "message": order.message,
        "made_at": order.made_at.isoformat(), "git_version": plan.git_version,
        "refs": [[change.ref, change.old, change.new] for change in plan.refs],
    }  # fmt: skip
    root = Path(__file__).parents[4]
    process = subprocess.Popen(
        [sys.executable, str(PUSHER), json.dumps(facts)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def wait_for(file: Path) -> None:
    while not file.exists():
        time.sleep(0.02)


async def test_a_push_repeated_from_another_clone_finds_it_done(planned):
    ready, order, plan = planned
    assert (await ready.bot().push(order, plan)).outcome == "done"
    refs = ready.product.refs()

    again = await ready.bot("elsewhere").push(order, plan)

    assert again.outcome == "already"
    assert again.refs == {change.ref: change.new for change in plan.refs}
    assert ready.product.refs() == refs


async def test_a_clone_deleted_between_plan_and_push_costs_nothing(planned):
    ready, order, plan = planned
    subprocess.run(["rm", "-rf", str(ready.settings().folder)], check=True)

    assert (await ready.bot().push(order, plan)).outcome == "done"
    assert ready.head("main") == plan.commit


async def test_main_that_moved_stops_the_push_and_no_ref_moves(planned):
    ready, order, plan = planned
    ready.product.commit("main", "README.md", "patched\n", author="Kim", subject="Hot patch")
    refs = ready.product.refs()

    result = await ready.bot().push(order, plan)

    assert (result.outcome, result.detail) == ("moved", "refs/heads/main")
    assert ready.product.refs() == refs


async def test_a_branch_that_moves_after_the_last_look_is_stopped_by_the_lease(planned):
    ready, order, plan = planned

    async def developer_is_faster(name: str) -> None:
        assert name == "git.objects"
        ready.product.commit("develop", "README.md", "new\n", subject="Meanwhile")

    bot = GitRepository(ready.settings(), failpoint=developer_is_faster)
    result = await bot.push(order, plan)

    assert (result.outcome, result.detail) == ("moved", "refs/heads/develop")
    assert ready.head("main") == ready.tagged("v1.2.2")
    assert "refs/tags/v1.3.0" not in ready.product.refs()


async def test_a_branch_that_was_set_back_meanwhile_is_not_pulled_forward_again(planned):
    """Git alone would take this push, because it only adds commits: the lease is what stops it."""
    ready, order, plan = planned

    async def somebody_takes_it_back(_name: str) -> None:
        ready.product.branch("develop", "develop~1")

    result = await GitRepository(ready.settings(), failpoint=somebody_takes_it_back).push(order, plan)

    assert (result.outcome, result.detail) == ("moved", "refs/heads/develop")
    assert "refs/tags/v1.3.0" not in ready.product.refs()


async def test_a_ref_that_is_locked_for_a_moment_is_tried_again(planned):
    ready, order, plan = planned
    lock = ready.product.path / "refs/heads/main.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    pushing = asyncio.create_task(ready.bot().push(order, plan))
    await asyncio.sleep(0.35)
    lock.unlink()

    assert (await pushing).outcome == "done"


async def test_a_ref_that_stays_locked_is_a_refusal_with_its_words(planned):
    ready, order, plan = planned
    (ready.product.path / "refs/heads").mkdir(parents=True, exist_ok=True)
    (ready.product.path / "refs/heads/main.lock").touch()
    refs = ready.product.refs()

    result = await ready.bot().push(order, plan)

    assert result.outcome == "rejected"
    assert "cannot lock ref" in result.detail or "failed to update ref" in result.detail
    assert ready.product.refs() == refs


async def test_a_remote_that_vanishes_during_the_push_leaves_a_doubt(planned):
    ready, order, plan = planned

    async def vanish(_name: str) -> None:
        ready.product.path.rename(ready.folder / "elsewhere.git")

    with pytest.raises(IntegrationError) as failed:
        await GitRepository(ready.settings(), failpoint=vanish).push(order, plan)

    assert failed.value.doubt
    assert failed.value.facts["reason"] == "missing"


async def test_people_who_go_on_after_a_push_that_was_not_recorded_do_not_undo_it(planned):
    ready, order, plan = planned
    await ready.bot().push(order, plan)
    ready.product.merge_pull(340)

    assert (await ready.bot().push(order, plan)).outcome == "already"
    assert (await ready.bot("elsewhere").push(order, plan)).outcome == "already"


async def test_a_candidate_branch_that_moved_is_not_tagged(yard):
    await yard.do(yard.cut())
    order = yard.candidate("release/1.3.0", "v1.3.0-rc.2")
    plan = await yard.bot().plan(order)
    yard.product.merge_pull(341, into="release/1.3.0")

    assert (await yard.bot().push(order, plan)).outcome == "moved"
    assert "refs/tags/v1.3.0-rc.2" not in yard.product.refs()


async def test_a_protected_branch_is_refused_in_the_words_of_the_host(planned):
    ready, order, plan = planned
    ready.faults.protect("main", "GH006: Protected branch update failed for main.\nAt least 1 review is required.")
    refs = ready.product.refs()

    result = await ready.bot().push(order, plan)

    assert result.outcome == "rejected"
    assert result.detail.startswith("GH006: Protected branch update failed for main.\nAt least 1 review is required.")
    assert ready.product.refs() == refs

    ready.faults.heal()
    assert (await ready.bot().push(order, plan)).outcome == "done"


async def test_a_host_that_refuses_without_a_word_still_gives_a_reason(planned):
    ready, order, plan = planned
    ready.faults.protect("main", "")

    result = await ready.bot().push(order, plan)

    assert (result.outcome, result.detail) == ("rejected", "pre-receive hook declined")


async def test_what_the_host_says_cannot_carry_control_characters_or_secrets(planned):
    ready, order, plan = planned
    token = "ghp_" + "abcdefghijklmnop123"
    ready.faults.protect("main", f"\x1b[31mno\x1b[0m: token {token} of https://bot:hunter2@host/x\x07 \u202egnorw")

    result = await ready.bot().push(order, plan)

    assert "no: token *** of https://***@host/x gnorw" in result.detail


async def test_a_line_that_drops_after_the_refs_moved_is_found_by_looking(planned):
    ready, order, plan = planned
    ready.faults.drop_line_after()

    result = await ready.bot().push(order, plan)

    assert result.outcome in ("done", "already")
    assert ready.head("main") == plan.commit


async def test_a_remote_that_stalls_leaves_a_doubt_and_the_repeat_settles_it(planned):
    ready, order, plan = planned
    ready.faults.stall_before(30)
    hasty = ready.bot("hasty", timeout=1.0)

    with pytest.raises(IntegrationError) as failed:
        await hasty.push(order, plan)
    assert (failed.value.retryable, failed.value.doubt, failed.value.facts["reason"]) == (True, True, "timeout")

    ready.faults.heal()
    assert (await ready.bot().push(order, plan)).outcome in ("done", "already")
    assert ready.head("main") == plan.commit


async def test_a_remote_that_keeps_the_line_after_moving_the_refs_is_done(planned):
    ready, order, plan = planned
    ready.faults.stall_after(30)

    assert (await ready.bot("hasty", timeout=1.0).push(order, plan)).outcome == "done"


async def test_killed_in_the_middle_of_a_push_and_started_again_it_happened_once(planned):
    ready, order, plan = planned
    moved = ready.folder / "moved"
    ready.faults.stall_after(0.8, started=moved)
    first = start_pusher(ready, "victim", order, plan)
    assert first.stdin is not None
    first.stdin.write("go\n")
    first.stdin.flush()
    await asyncio.to_thread(wait_for, moved)
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = ready.product.refs()

    ready.faults.heal()
    asked_at = time.monotonic()
    result = await ready.bot("victim").push(order, plan)

    assert result.outcome == "already"
    assert time.monotonic() - asked_at > 0.2, "the orphan git still holds the lock of the clone"
    assert ready.product.refs() == before
    assert ready.product.git("rev-list", "--count", "--first-parent", f"{order.known[-1]}..main") == "1"


async def test_killed_between_objects_and_push_nothing_happened_and_the_repeat_does_it(planned):
    ready, order, plan = planned

    async def die(_name: str) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await GitRepository(ready.settings("dying"), failpoint=die).push(order, plan)
    assert ready.head("main") == ready.tagged("v1.2.2")
    assert (await ready.bot("dying").push(order, plan)).outcome == "done"


async def test_lock_files_of_a_killed_git_do_not_stop_the_next_one(planned):
    ready, order, plan = planned
    clone = ready.settings().path
    names = ("packed-refs.lock", "refs/heads/main.lock", "objects/info/commit-graphs/commit-graph-chain.lock")
    left = [clone / name for name in names]
    for file in left:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (clone / "release-bot-clone").write_text("the same clone as before")
    ready.product.merge_pull(340)

    plan = await ready.bot().plan(order)
    assert (await ready.bot().push(order, plan)).outcome == "done"
    assert not [file for file in left if file.exists()]
    assert (clone / "release-bot-clone").read_text() == "the same clone as before", "it was not made again"


async def test_four_processes_push_the_same_plan_and_it_happens_once(planned):
    ready, order, plan = planned
    pushers = [start_pusher(ready, f"machine-{number % 3}", order, plan) for number in range(4)]
    for pusher in pushers:
        assert pusher.stdin is not None
        pusher.stdin.write("go\n")
        pusher.stdin.flush()
    said = await asyncio.gather(*(asyncio.to_thread(pusher.communicate) for pusher in pushers))

    outcomes = sorted(out.strip() for out, _ in said)
    assert outcomes == ["already", "already", "already", "done"]
    assert {change.ref: change.new for change in plan.refs}.items() <= ready.product.refs().items()
    ready.product.git("fsck", "--strict")


async def test_a_plan_that_other_objects_were_made_for_is_planned_anew(planned):
    ready, order, plan = planned
    foreign = replace(order, title="Made by another git")
    subprocess.run(["rm", "-rf", str(ready.settings().path)], check=True)
    refs = ready.product.refs()

    result = await ready.bot().push(foreign, plan)

    assert result.outcome == "moved"
    assert "other objects" in result.detail
    assert ready.product.refs() == refs
