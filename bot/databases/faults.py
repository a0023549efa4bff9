"""What can go wrong with a database, with the words for people and the code that the process ends with."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class Exit(IntEnum):
    """How a process ended. Everything but HALFWAY and DIFFERS leaves the product's database as it was."""

    DONE = 0
    WRONG_USE = 2
    NOTHING_TO_DO = 3
    REFUSED = 4  # a condition is not met: no restore point, no second person
    NOT_BEGUN = 5  # tools, server, disk, address: nothing was changed
    NOT_RESTORABLE = 6  # there is no restore point that could be trusted
    UNCHANGED = 7  # it failed, and the database is as it was before
    HALFWAY = 8  # it failed, and the database is neither what it was nor what it should be
    DIFFERS = 9  # it was put back, and it is not what the restore point says


class DatabaseFault(Exception):
    """`words` are for people and name no address; `found` goes into the step's record."""

    def __init__(self, code: Exit, words: str, found: Mapping[str, object] | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.found = dict(found or {})
