"""Files that are put on a branch beside everything else that is there: the documents of a closed release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FileDocuments:
    """Put these files (path -> text) on top of `branch`, wherever its head is; nothing is moved back.

    Files that stand there with the same text already are the same as done.
    """

    branch: str
    files: Mapping[str, str]
    made_at: datetime
    title: str
