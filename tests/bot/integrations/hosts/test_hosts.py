"""The same shape on every host: each state, the way back, what is found after doubt, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.integrations.hosts import calling
from core.domain.pipeline.hosted import HostState
from core.errors import IntegrationError
from sandbox.hosts.vercel import VercelFake
from tests.bot.integrations.hosts.conftest import NEW, OLD, STRANGE, Pair, adapter


async def until(pair: Pair, id: str, *states: HostState) -> str:
    """The state of a deployment as soon as it is one of these; within a second."""
    for _ in range(100):
        found = await pair.host.look(pair.target, id)
        if found.state in states:
            return found.state
        await asyncio.sleep(0.01)
    return found.state


async def shipped(pair: Pair, commit: str, key: str) -> str:
    made = await pair.host.deploy(pair.target, commit, key=key)
    assert await until(pair, made.id, "live") == "live"
    return made.id


async def fails(work: Awaitable[object]) -> IntegrationError:
    with pytest.raises(IntegrationError) as failed:
        await work
    assert "sandbox_0123" not in f"{failed.value} {failed.value.facts}"
    return failed.value


async def test_a_commit_is_brought_through_its_states_until_it_serves(pair: Pair) -> None:
    assert await pair.host.live(pair.target) is None
    first = await shipped(pair, OLD, "1:api:1")
    pair.yard.held = {"building"}
    made = await pair.host.deploy(pair.target, NEW, key="2:api:1")
    assert (made.commit, made.ended) == (NEW, False)
    assert await until(pair, made.id, "building") == "building"
    serving = await pair.host.live(pair.target)
    assert serving is not None
    assert (serving.id, serving.commit, serving.share) == (first, OLD, 100)
    pair.yard.release()
    assert await until(pair, made.id, "live") == "live"
    seen = await pair.host.look(pair.target, made.id)
    assert seen.ended
    assert seen.live_at is not None and seen.created_at is not None
    assert seen.live_at >= seen.created_at - timedelta(seconds=1)
    assert await until(pair, first, "replaced") == "replaced"
    assert "it serves" in await pair.host.tail(pair.target, made.id)


async def test_a_deployment_waits_for_the_one_before_it(pair: Pair) -> None:
    pair.yard.held = {"building"}
    first = await pair.host.deploy(pair.target, OLD, key="1:1")
    assert await until(pair, first.id, "building") == "building"
    second = await pair.host.deploy(pair.target, NEW, key="2:1")  # Render says no more than that it is queued
    assert second.id == pair.yard.of(pair.place)[0].id
    assert second.state == "queued"
    pair.yard.release()
    assert await until(pair, second.id, "live") == "live"
    assert [one.state for one in pair.yard.of(pair.place)] == ["live", "replaced"]


async def test_what_fails_or_is_cancelled_at_the_host_says_so(pair: Pair) -> None:
    for phase in ("build", "start"):
        pair.yard.breaks = {NEW: phase}
        made = await pair.host.deploy(pair.target, NEW, key=f"{phase}:1")
        assert await until(pair, made.id, "failed") == "failed"
        assert (await pair.host.look(pair.target, made.id)).detail
    pair.yard.breaks, pair.yard.held = {}, {"building"}
    by_hand = await pair.host.deploy(pair.target, NEW, key="3:1")
    await until(pair, by_hand.id, "building")
    deployment = pair.yard.get(by_hand.id)
    assert deployment is not None
    pair.yard.cancel(deployment)
    assert await until(pair, by_hand.id, "cancelled") == "cancelled"
    ours = await pair.host.deploy(pair.target, NEW, key="4:1")
    await pair.host.cancel(pair.target, ours.id)
    assert await until(pair, ours.id, "cancelled") == "cancelled"
    assert not (await fails(pair.host.cancel(pair.target, ours.id))).retryable


async def test_the_way_back_is_the_hosts_own_and_asked_twice_is_the_same(pair: Pair) -> None:
    await shipped(pair, OLD, "1:api:1")
    await shipped(pair, NEW, "2:api:1")
    built = pair.count("deploy")
    back = await pair.host.roll_back(pair.target, OLD, key="3:api:1")
    again = await pair.host.roll_back(pair.target, OLD, key="3:api:1")
    assert again.id == back.id
    assert await until(pair, back.id, "live") == "live"
    serving = await pair.host.live(pair.target)
    assert serving is not None and serving.commit == OLD
    assert (await pair.host.roll_back(pair.target, OLD, key="4:api:1")).state == "live"
    assert pair.count("deploy") == built or pair.host.name == "hook"  # the hook has one call for both
    assert "building" not in pair.yard.of(pair.place)[0].log or pair.host.name == "vercel"
    await pair.host.roll_back(pair.target, NEW, key="5:api:1")  # and forth again
    serving = await pair.host.live(pair.target)
    assert serving is not None


async def test_killed_between_asking_and_storing_it_is_found_by_its_commit(pair: Pair) -> None:
    since = pair.yard.now()
    await shipped(pair, OLD, "1:api:1")
    op = {"render": "deploy", "vercel": "deploy", "hook": "deploy"}[pair.host.name]
    pair.door.faults.add(op, "drop", nth=1)
    lost = await fails(pair.host.deploy(pair.target, NEW, key="2:api:1"))
    assert (lost.retryable, lost.doubt) == (True, True)
    found = await pair.host.find(pair.target, NEW, key="2:api:1", since=since)
    assert found is not None
    assert found.id == pair.yard.of(pair.place)[0].id
    assert len(pair.yard.of(pair.place)) == 2
    later = since + timedelta(minutes=5)
    assert await pair.host.find(pair.target, NEW, key="2:api:1", since=later) is None
    assert await pair.host.find(pair.target, STRANGE, key="2:api:1", since=since) is None


async def test_a_commit_or_a_service_that_the_host_does_not_know_is_final(pair: Pair) -> None:
    unknown = await fails(pair.host.deploy(pair.target, STRANGE, key="1:1"))
    assert (unknown.retryable, unknown.doubt) == (False, False)
    assert "no commit" in str(unknown)
    assert (await fails(pair.host.live("srv-nobody"))).facts["reason"] == "missing"
    assert (await fails(pair.host.look(pair.target, "nothing"))).facts["reason"] == "missing"
    assert (await fails(pair.host.deploys_by_itself("../../v2/user"))).facts["reason"] == "missing"


async def test_a_wrong_token_is_refused_and_never_shown(pair: Pair) -> None:
    other = adapter(pair.host.name, pair.url, pair.session, "wrong_sandbox_0123")
    denied = await fails(other.live(pair.target))
    assert (denied.facts["reason"], denied.retryable) == ("denied", False)


async def test_a_limit_says_when_to_come_again_and_is_kept(pair: Pair) -> None:
    pair.door.remaining = 0
    full = await fails(pair.host.deploys_by_itself(pair.target))
    assert (full.facts["reason"], full.retryable, full.doubt, full.retry_after) == ("rate", True, False, 7.0)
    asked = len(pair.door.calls)
    again = await fails(pair.host.deploy(pair.target, NEW, key="1:1"))
    assert 6.0 < again.retry_after <= 7.0
    assert len(pair.door.calls) == asked


@pytest.mark.parametrize(
    ("fault", "more"),
    [("error_before", {}), ("refuse", {"code": "200"}), ("reset", {}), ("stall", {"seconds": 0.3})],
    ids=["500", "garbage", "reset", "never"],
)
async def test_a_host_that_fails_is_asked_once_more_and_then_later(
    pair: Pair, fault: str, more: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "BREATH", 0.01)
    made = await pair.host.deploy(pair.target, OLD, key="1:1")
    await until(pair, made.id, "live")
    quick = adapter(pair.host.name, pair.url, pair.session, timeout=0.1)
    pair.door.faults.add("look", fault, times=1, **more)  # type: ignore[arg-type]
    assert (await quick.look(pair.target, made.id)).commit == OLD
    pair.door.faults.clear()
    pair.door.faults.add("look", fault, **more)  # type: ignore[arg-type]
    down = await fails(quick.look(pair.target, made.id))
    assert (down.facts["reason"], down.retryable, down.doubt) == ("down", True, False)
    pair.door.faults.clear()
    pair.door.faults.add("deploy", fault, **more)  # type: ignore[arg-type]
    doubt = await fails(quick.deploy(pair.target, NEW, key="2:1"))
    assert (doubt.retryable, doubt.doubt) == (True, True)
    assert pair.door.faults.happened[f"deploy {fault}"] == 1, "a change is asked once"


async def test_who_deploys_by_itself_is_known_where_the_host_says_it(pair: Pair) -> None:
    expected = {"render": False, "vercel": None, "hook": False}
    assert await pair.host.deploys_by_itself(pair.target) is expected[pair.host.name]
    pair.yard.places[pair.target] = replace(pair.place, auto=True)
    if isinstance(pair.door, VercelFake):
        pair.door.linked = False
        assert await pair.host.deploys_by_itself(pair.target) is False
    else:
        assert await pair.host.deploys_by_itself(pair.target) is True


async def test_parts_of_the_traffic(pair: Pair) -> None:
    await shipped(pair, OLD, "1:1")
    pair.yard.places[pair.target] = replace(pair.place, promotes=False)
    if isinstance(pair.door, VercelFake):
        pair.door.stages[pair.target] = (25, 100)
    made = await pair.host.deploy(pair.target, NEW, key="2:1")
    if not pair.host.phased:
        assert not (await fails(pair.host.give(pair.target, made.id, 25))).retryable
        return
    assert await until(pair, made.id, "ready") == "ready"
    assert (await pair.host.give(pair.target, made.id, 25)).share == 25
    assert (await pair.host.give(pair.target, made.id, 25)).share == 25
    assert (await pair.host.look(pair.target, made.id)).state == "ready"
    if isinstance(pair.door, VercelFake):
        assert "25, 100" in str(await fails(pair.host.give(pair.target, made.id, 50)))
    await pair.host.give(pair.target, made.id, 100)
    assert await until(pair, made.id, "live") == "live"


@pytest.mark.parametrize("pair", ["vercel"], indirect=True)
async def test_after_a_way_back_vercel_waits_until_it_is_told_to_promote(pair: Pair) -> None:
    assert isinstance(pair.door, VercelFake)
    await shipped(pair, OLD, "1:1")
    pair.door.moving = 0.05
    pair.yard.places[pair.target] = replace(pair.place, promotes=False)
    made = await pair.host.deploy(pair.target, NEW, key="2:1")
    assert await until(pair, made.id, "ready") == "ready"
    assert (await pair.host.give(pair.target, made.id, 100)).state == "building"
    assert (await pair.host.give(pair.target, made.id, 100)).state == "building", "it is asked once"
    assert await until(pair, made.id, "live") == "live"
    assert pair.count("promote") == 1


async def test_a_push_deploys_by_itself_a_while_later(pair: Pair) -> None:
    pair.yard.places[pair.target] = replace(pair.place, auto=True)
    pair.yard.late = 0.03
    since = pair.yard.now()
    pair.yard.worker.commits["main"] = NEW  # type: ignore[attr-defined]
    assert await pair.host.find(pair.target, NEW, key="", since=since) is None
    for _ in range(100):
        found = await pair.host.find(pair.target, NEW, key="", since=since)
        if found is not None and found.state in ("live", "ready"):
            break
        await asyncio.sleep(0.01)
    assert found is not None
    assert found.key == ""
    assert await until(pair, found.id, "live") == "live"
