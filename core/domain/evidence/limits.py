"""What a body may be, and how it is refused: everything that is read here was sent by somebody else."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import urlsplit

from core.domain.evidence.model import LONGEST_NAME, LONGEST_URL
from core.domain.secrets import redact_link
from core.errors import ReleaseBotError

LARGEST_BODY = 10 * 1024 * 1024  # bytes
DEEPEST = 64  # elements in each other
MOST_ELEMENTS = 400_000
MOST_CASES = 100_000  # of one report
MOST_NUMBERS = 200  # kept of one benchmark result
LARGEST_NUMBER = 1e18  # numbers are added up, and a sum without end cannot be stored

Why = Literal["archive", "format", "large", "syntax", "unsafe", "content"]
_ARCHIVES = (
    (0, b"PK\x03\x04"), (0, b"PK\x05\x06"), (0, b"\x1f\x8b"), (0, b"BZh"), (0, b"\xfd7zXZ\x00"),
    (0, b"7z\xbc\xaf\x27\x1c"), (0, b"\x28\xb5\x2f\xfd"), (0, b"Rar!\x1a\x07"),
    (0, b"\x04\x22\x4d\x18"), (257, b"ustar"),
)  # fmt: skip
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


class Unreadable(ReleaseBotError):
    """The body is no result that can be taken. `why` is the family of the fault, the message says what is wrong."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message, why=why)
        self.why = why


def refuse_archive(body: bytes) -> None:
    """Nothing is unpacked here: an archive names paths, and may grow without end."""
    if any(body[at : at + len(mark)] == mark for at, mark in _ARCHIVES):
        raise Unreadable("archive", "this is an archive; send the report itself, unpacked")


def tidy(text: object, longest: int = LONGEST_NAME) -> str:
    """Foreign words in one line, without control and direction signs."""
    return " ".join(_NO_TEXT.sub(" ", str(text)[: longest * 4]).split())[:longest]


def number(value: Any, what: str) -> float:
    """A number, not beyond `LARGEST_NUMBER`. Raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LARGEST_NUMBER:
        raise Unreadable("content", f"{what} is no number, or larger than {LARGEST_NUMBER:g}")
    return float(value)


def address(url: object) -> str:
    """A link that people may be shown: http or https, with a host, without account or password. Raises Unreadable.

    A secret in it is taken out, so that it is in no message and no export; the link may then ask for a login.
    """
    text = str(url).strip() if isinstance(url, str) else ""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good or len(text) > LONGEST_URL or not re.fullmatch(r"[!-;=?-~]+", text):
        raise Unreadable("content", "url is no http or https address without account and password")
    return redact_link(text)
