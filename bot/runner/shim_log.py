"""What a command says, as its shim writes it down: standard library only, loaded by the shim from this file.

By line, without secrets; the beginning, and the end of what is longer than the limit.
"""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

BLOCK = 1 << 16
RECENT = 1.0  # seconds between two copies of what is said right now, once the log's head is full
KEY_LENGTH = 1 << 14  # bytes of a private key without an end

_KEY = re.compile(rb"-----(BEGIN|END) [A-Z ]{0,40}PRIVATE KEY-----")


class Log:
    """FOLDER/log, and FOLDER/recent once its head is full."""

    def __init__(self, folder: str, order: Mapping[str, Any], redact: Callable[[str], tuple[str, int]]) -> None:
        self.folder = folder
        self.head: int = order["head"]
        self.tail: int = order["tail"]
        self.values: list[str] = order["values"]
        self.redact = redact
        self.key_left = 0  # how much more may belong to a private key that has begun
        self.rest = b""  # of a line that has not ended
        self.ring: deque[bytes] = deque()
        self.held = self.written = self.left_out = 0
        self.lost = False  # there was no room for it
        self.copied = 0.0
        self.file = os.open(os.path.join(folder, "log"), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def read(self, descriptor: int) -> bool:
        """Take one block; False when there is nothing (any more)."""
        try:
            data = os.read(descriptor, BLOCK)
        except BlockingIOError:
            return False
        self._take(data)
        return bool(data)

    def _take(self, data: bytes) -> None:
        self.rest += data
        end = self.rest.rfind(b"\n") + 1
        if not end and len(self.rest) >= BLOCK:
            end = self._safe_cut(self.rest)
        if end:
            lines, self.rest = self.rest[:end], self.rest[end:]
            self._keep(lines)

    def _safe_cut(self, line: bytes) -> int:
        """Where a line without an end may be cut: between words, and not within a value that is a secret."""
        end = max(line.rfind(sign, len(line) - BLOCK // 2) for sign in (b" ", b",", b";", b"\t", b"\r", b"\0")) + 1
        cut = end or len(line)
        for value in map(str.encode, self.values):
            at = line.find(value, max(0, cut - len(value) + 1), cut + len(value) - 1)
            cut = at if 0 <= at < cut else cut
        return cut or len(line)

    def _keep(self, lines: bytes) -> None:
        lines = self._without_keys(lines)
        if self.written < self.head:
            self.written += self._write(lines)
            return
        self.ring.append(lines)
        self.held += len(lines)
        while self.held - len(self.ring[0]) >= self.tail:
            gone = len(self.ring.popleft())
            self.held -= gone
            self.left_out += gone

    def _without_keys(self, lines: bytes) -> bytes:
        """A private key has many lines, each of which says nothing by itself."""
        if not self.key_left and b"PRIVATE KEY-----" not in lines:
            return lines
        kept, at = [], 0
        for mark in _KEY.finditer(lines):
            if (mark[1] == b"BEGIN") == bool(self.key_left):
                continue
            if self.key_left:
                self.key_left = 0
            else:
                kept += [lines[at : mark.start()], b"[removed]"]
                self.key_left = KEY_LENGTH
            at = mark.end()
        if self.key_left:
            self.key_left = max(0, self.key_left - (len(lines) - at))
            return b"".join(kept) + b"\n"
        return b"".join(kept) + lines[at:]

    def _clean(self, data: bytes) -> bytes:
        text = data.decode("utf-8", "replace")
        for value in self.values:
            text = text.replace(value, "[removed]")
        return self.redact(text)[0].encode("utf-8", "replace")

    def _write(self, data: bytes) -> int:
        clean = self._clean(data)
        try:
            at = 0
            while at < len(clean):
                at += os.write(self.file, clean[at:])
        except OSError:  # no room: the command goes on all the same
            self.lost = True
        return len(clean)

    def look(self) -> None:
        """The newest lines where somebody can read them, while the log itself waits for its end."""
        now = time.monotonic()
        if self.ring and now >= self.copied + RECENT:
            self.copied = now
            self._copy(self._clean(self.ring[-1]))

    def _copy(self, data: bytes) -> None:
        part = os.path.join(self.folder, "recent.part")
        try:
            with open(part, "wb") as file:
                file.write(data)
            os.rename(part, os.path.join(self.folder, "recent"))
        except OSError:
            self.lost = True

    def close(self) -> int:
        """Everything that is held goes into the log; returns how many bytes were left out."""
        if self.rest:
            self._keep(self.rest + b"\n")
        if self.left_out:
            self._write(f"[... {self.left_out} bytes are left out here ...]\n".encode())
        for lines in self.ring:
            self._write(lines)
        return self.left_out
