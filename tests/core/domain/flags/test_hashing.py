"""One person falls into one place, in every process and in every language."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from core.domain.flags.hashing import VARIANT_SEED, bucket

ROOT = Path(__file__).resolve().parents[4]
ASKING = """
from core.domain.flags.evaluation import Flags
from core.domain.flags.model import Feature, Strategy
share = {"groupId": "search", "rollout": "37", "stickiness": "userId"}
flags = Flags([Feature("s", True, (Strategy("flexibleRollout", share),))], (), None)
print("".join("01"[flags.is_feature_enabled("s", f"user-{n}-é😀")] for n in range(500)))
"""


def murmur3(data: bytes, seed: int) -> int:
    """The 32-bit murmur3 as its author describes it, slowly."""
    mask, h = 0xFFFFFFFF, seed
    for n in range(0, len(data), 4):
        part = data[n : n + 4]
        k = int.from_bytes(part, "little") * 0xCC9E2D51 & mask
        k = (k << 15 | k >> 17) & mask
        h ^= k * 0x1B873593 & mask
        if len(part) == 4:
            h = ((h << 13 | h >> 19) * 5 + 0xE6546B64) & mask
    h ^= len(data)
    for shift, times in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        h = (h ^ h >> shift) * times & mask
    return h


@pytest.mark.parametrize(
    ("text", "known"), [("", 0), ("test", 0xBA6BD213), ("Hello, world!", 0xC0363E43), ("aaaa", 0x5A97808A)]
)  # with seed 0 for what has published values
def test_the_slow_one_is_the_known_one(text: str, known: int) -> None:
    assert murmur3(text.encode(), 0x9747B28C if text == "aaaa" else 0) == known


def test_it_is_murmur3_of_group_and_value() -> None:
    chance = random.Random(7)
    for n in range(500):
        value = "".join(chr(chance.randrange(32, 127 if n % 2 else 0xD000)) for _ in range(n % 13))
        for most, seed in ((100, 0), (1000, VARIANT_SEED)):
            assert bucket("group", value, most, seed) == murmur3(f"group:{value}".encode(), seed) % most + 1


def test_processes_with_other_hash_seeds_answer_the_same() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", ASKING], env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True, timeout=30,
        ).stdout
        for seed in ("0", "1", "4294967295")
    }  # fmt: skip
    assert len(told) == 1
    assert 150 < told.pop().count("1") < 220


def test_what_cannot_be_written_as_utf_8_is_in_no_share() -> None:
    assert bucket("group", "\ud800") == 0
