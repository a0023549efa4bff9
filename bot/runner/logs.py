"""Reading what a command said: the newest lines for people, and the whole for the record."""

from __future__ import annotations

import re
from pathlib import Path

NEWEST = 1 << 16  # bytes that are read for the newest lines
PART = 1 << 18  # characters of one part in the store
KEPT = 8 * PART  # bytes of a log that the store keeps; of a longer one half from each end
LONGEST_LINE = 300

_SIGNS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def tail(folder: Path, lines: int) -> list[str]:
    """The newest lines, oldest first, without colours and control signs; none when there is no log."""
    for name in ("recent", "log"):  # while a flood lasts, the log itself waits for its end
        if name == "recent" and (folder / "exit.json").exists():
            continue
        try:
            said = _end_of(folder / name, NEWEST)
        except FileNotFoundError:
            continue
        return [_shown(line) for line in said.splitlines() if line.strip()][-lines:]
    return []


def _shown(line: str) -> str:
    """What a terminal would show: what comes after a carriage return writes over what was there."""
    over = [part for part in line.split("\r") if part.strip()]
    text = _SIGNS.sub("", over[-1] if over else "").rstrip()
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"


def last_line(folder: Path) -> str:
    """The last line with something in it; "" when nothing was said."""
    return next((line.strip() for line in reversed(tail(folder, 20)) if line.strip()), "")


def whole(folder: Path) -> list[str]:
    """Everything in parts; of what is longer than the limit the beginning and the end."""
    path = folder / "log"
    try:
        size = path.stat().st_size
        if size <= KEPT:
            text = path.read_bytes().decode("utf-8", "replace")
        else:
            with path.open("rb") as file:
                head = file.read(KEPT // 2).decode("utf-8", "replace")
            cut = f"\n[... {size - KEPT} bytes are left out here ...]\n"
            text = head + cut + _end_of(path, KEPT // 2)
    except FileNotFoundError:
        return []
    return [text[at : at + PART] for at in range(0, len(text), PART)]


def _end_of(path: Path, count: int) -> str:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - count))
        return file.read().decode("utf-8", "replace")
