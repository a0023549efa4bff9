"""A restore point: the file of a backup, and beside it what was in the database, proven by restoring it once."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.databases.content import Content, content_of
from bot.databases.faults import DatabaseFault, Exit

FORMAT = 1
MOST_TABLES = 60  # whose counts go into the step's record; all of them are in the manifest


@dataclass(frozen=True, slots=True)
class Point:
    """`database` tells which one without its address; `label` is the version that was to come, `at` release time (or
    the database's own), `revision` that of the schema. `seconds` are (backup, proof)."""

    file: Path
    environment: str
    database: str
    kind: str
    content: Content
    digest: str
    sha256: str
    size: int
    label: str = ""
    at: str = ""
    revision: str = ""
    verified: bool = False
    versions: dict[str, str] = field(default_factory=dict)
    seconds: tuple[float, float] = (0.0, 0.0)

    @property
    def manifest(self) -> Path:
        return self.file.with_suffix(".json")

    def found(self) -> dict[str, object]:
        """What the step reports: plain values."""
        counts = dict(list(self.content.counts.items())[:MOST_TABLES])
        return {
            "point": str(self.manifest), "file": self.file.name, "size": self.size, "sha256": self.sha256,
            "digest": self.digest, "tables": counts, "rows": self.content.rows, "at": self.at,
            "revision": self.revision, "verified": self.verified, "versions": dict(self.versions),
            "seconds": [round(s, 1) for s in self.seconds], "told": f"{self.content.rows:,} rows, proven",
        }  # fmt: skip

    def body(self) -> dict[str, Any]:
        return {
            "format": FORMAT, "file": self.file.name, "environment": self.environment, "database": self.database,
            "kind": self.kind, "label": self.label, "at": self.at, "revision": self.revision, "verified": self.verified,
            "digest": self.digest, "sha256": self.sha256, "size": self.size, "versions": self.versions,
            "seconds": list(self.seconds), "content": self.content.body(),
        }  # fmt: skip

    def write(self) -> None:
        """The manifest, private and whole or not at all."""
        write_private(self.manifest, json.dumps(self.body(), indent=1))


def write_private(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def read_point(manifest: Path) -> Point:
    """Read a manifest. Raises DatabaseFault where there is none, or where it is no manifest of ours."""
    try:
        body = json.loads(manifest.read_text())
        if body["format"] != FORMAT:
            raise ValueError("format")
        file = manifest.parent / Path(str(body["file"])).name
        read = Point(
            file, str(body["environment"]), str(body["database"]), str(body["kind"]), content_of(body["content"]),
            str(body["digest"]), str(body["sha256"]), int(body["size"]), str(body["label"]), str(body["at"]),
            str(body["revision"]), body["verified"] is True, dict(body["versions"]),
        )  # fmt: skip
    except FileNotFoundError:
        raise DatabaseFault(Exit.REFUSED, f"There is no restore point {manifest.name}.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        words = f"The restore point {manifest.name} cannot be read: {type(error).__name__}."
        raise DatabaseFault(Exit.REFUSED, words) from None
    if read.content.digest != read.digest:
        raise DatabaseFault(Exit.REFUSED, f"The restore point {manifest.name} was changed: its digest does not fit.")
    return read


def points_in(folder: Path) -> list[Point]:
    """All restore points of a folder, newest first; what cannot be read is left out."""
    found = []
    for manifest in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            found.append(read_point(manifest))
        except DatabaseFault:
            continue
    return sorted(found, key=lambda p: (p.content.clock, p.file.name), reverse=True)


def checked(point: Point, *, environment: str, database: str) -> Point:
    """The point, when it may be relied on here. Raises DatabaseFault with the reason why not."""
    name = point.file.name
    if not point.verified:
        raise DatabaseFault(Exit.REFUSED, f"The restore point {name} was never proven by restoring it.")
    if point.environment != environment or point.database != database:
        raise DatabaseFault(Exit.REFUSED, f"The restore point {name} is of another database ({point.environment}).")
    if not point.file.is_file():
        raise DatabaseFault(Exit.REFUSED, f"The file of the restore point {name} is gone.")
    if sha_of(point.file) != point.sha256:
        raise DatabaseFault(Exit.REFUSED, f"The file of the restore point {name} was changed since it was proven.")
    return point


def sha_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def proven(point: Point, seconds: float) -> Point:
    return replace(point, verified=True, seconds=(point.seconds[0], seconds))
