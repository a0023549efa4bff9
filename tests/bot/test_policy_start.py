"""The policy file goes into the store once; processes with different files judge by one text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import HandClock
from bot.policy_start import PolicyRefused, bring_in, read_policy
from core.domain.policy import Policy, PolicyFaults, parse_policy
from core.store import policies
from core.store.unit_of_work import Store
from tests.bot.conftest import POLICY

CLOCK = HandClock(datetime(2026, 11, 30, tzinfo=UTC))
TEXT = POLICY.read_text()


def changed(serial: int) -> Policy:
    return parse_policy(
        TEXT.replace("serial = 2", f"serial = {serial}", 1).replace("expire_days = 7", "expire_days = 6")
    )


async def active(store: Store) -> str:
    async with store.database.reader.connect() as conn:
        found = await policies.active(conn)
    assert found is not None
    return found.body


async def test_the_first_is_active_and_stays_when_it_comes_again(store: Store) -> None:
    with pytest.raises(PolicyRefused, match="No policy is active yet"):
        await bring_in(store, CLOCK, parse_policy(TEXT), first=False)
    assert await bring_in(store, CLOCK, parse_policy(TEXT)) == "active"
    assert await bring_in(store, CLOCK, parse_policy(TEXT), first=False) == "active"
    assert await active(store) == TEXT


async def test_a_higher_serial_waits_while_the_old_one_judges(store: Store) -> None:
    await bring_in(store, CLOCK, parse_policy(TEXT))
    assert await bring_in(store, CLOCK, changed(3)) == "proposed"
    assert await bring_in(store, CLOCK, parse_policy(TEXT)) == "active"
    assert await active(store) == TEXT


@pytest.mark.parametrize("serial", [1, 2])
async def test_the_same_or_a_lower_serial_is_refused_and_both_are_shown(store: Store, serial: int) -> None:
    first = parse_policy(TEXT)
    await bring_in(store, CLOCK, first)
    with pytest.raises(PolicyRefused) as refused:
        await bring_in(store, CLOCK, changed(serial))
    assert first.hash[:12] in str(refused.value) and changed(serial).hash[:12] in str(refused.value)
    assert await active(store) == first.body


def test_a_file_that_is_not_there_or_wrong_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(PolicyRefused, match="there is no file"):
        read_policy(tmp_path / "none.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyRefused, match="cannot be read"):
        read_policy(binary)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        TEXT.replace('zone = "America/New_York"', 'zone = "America/Neu_York"').replace(
            "anchor = 2026-12-02", "anchor = 2026-12-03"
        )
    )
    with pytest.raises(PolicyFaults) as faults:
        read_policy(wrong)
    assert all(fault.line for fault in faults.value.faults)
