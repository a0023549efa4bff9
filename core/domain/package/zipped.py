"""Files to one zip whose bytes depend on nothing but the files: no clock, no machine, no order of a dictionary."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date that a zip knows


def as_bytes(text: str) -> bytes:
    """UTF-8; half of a letter, which a machine's report may hold, is a question mark and keeps nothing from export."""
    return text.encode(errors="replace")


def as_json(data: Any) -> bytes:
    """Readable, and the same for equal data."""
    return as_bytes(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def manifest(files: Mapping[str, bytes], about: Mapping[str, Any]) -> dict[str, Any]:
    """What is in the package, with the SHA-256 of each file."""
    listed = {name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()}
    return {"format": FORMAT, **about, "files": listed}


def zipped(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """The zip with its manifest, which stands first."""
    whole = {MANIFEST: as_json(manifest(files, about)), **dict(sorted(files.items()))}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in whole.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same on every machine
            archive.writestr(entry, data)
    return made.getvalue()
