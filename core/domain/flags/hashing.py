"""Where a person falls: murmur3 as Unleash uses it, the same in every process, language and restart."""

from __future__ import annotations

import mmh3

VARIANT_SEED = 86028157  # Unleash's, so that being in says nothing about which variant


def bucket(group: str, value: str, most: int = 100, seed: int = 0) -> int:
    """1..`most` for this value in this group; of the UTF-8 bytes, 0 when there are none (a lone surrogate).

    The bytes are made here: given a text with a lone surrogate, mmh3 ends the process.
    """
    try:
        return mmh3.hash(f"{group}:{value}".encode(), seed, False) % most + 1
    except UnicodeEncodeError:
        return 0
