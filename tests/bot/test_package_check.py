"""The checker, which imports nothing of ours, finds whatever was done to a package."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import package_check
from bot.package_check import NotAPackage, check, main
from tests.core.domain.package.sample import made

Files = dict[str, bytes]
CHECKER = Path(package_check.__file__)


def files_of(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files, forged: bool = True) -> bytes:
    """A zip of these files; `forged`: by somebody who knows how the manifest is made."""
    if forged:
        manifest = json.loads(files["manifest.json"])
        entries = json.loads(files["trail.json"])["entries"]
        told = {name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()}
        told.pop("manifest.json")
        manifest |= {"files": told, "record": {"entries": len(entries), "head": entries[-1]["hash"] if entries else ""}}
        files = {**files, "manifest.json": json.dumps(manifest).encode()}
    made_of = io.BytesIO()
    with zipfile.ZipFile(made_of, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made_of.getvalue()


def with_trail(change: Callable[[dict[str, Any]], object]) -> bytes:
    files = files_of(made())
    trail = json.loads(files["trail.json"])
    change(trail)
    return packed({**files, "trail.json": json.dumps(trail).encode()})


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(CHECKER.read_text("utf-8"))
    names = [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names]
    assert {str(name).partition(".")[0] for name in names} <= set(sys.stdlib_module_names)


def test_a_package_as_it_was_made_fits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.zip").write_bytes(made())
    announced = json.loads(files_of(made())["trail.json"])["announced"]
    assert main([str(tmp_path / "p.zip"), "--published", announced]) == 0
    assert "3 entries, 1 anchors, 1 signatures" in capsys.readouterr().out
    assert main([]) == 2 and main([str(tmp_path / "none.zip")]) == 2


def test_any_changed_missing_or_added_file_is_found() -> None:
    files = files_of(made())
    for name in files.keys() - {"manifest.json"}:
        assert any(name in f and "changed" in f for f in check(packed({**files, name: b"{}"}, False)).faults), name
        gone = {key: data for key, data in files.items() if key != name}
        assert f"{name} is missing" in check(packed(gone, False)).faults
    assert "evil.txt was added" in str(check(packed({**files, "evil.txt": b""}, False)).faults)


def test_every_field_of_every_entry_is_proven() -> None:
    for seq in range(3):
        for name in ("chain", "seq", "at", "actor", "verb", "policy", "body_digest", "hash", "salt", "body"):

            def change(trail: dict[str, Any], seq: int = seq, name: str = name) -> None:
                value = trail["entries"][seq][name]
                trail["entries"][seq][name] = value + 90 if isinstance(value, int) else value + " "

            assert not check(with_trail(change)).fits, (seq, name)


@pytest.mark.parametrize(
    "change",
    [
        lambda trail: trail["entries"].pop(),
        lambda trail: trail["entries"].pop(0),
        lambda trail: trail["entries"].pop(1),
        lambda trail: trail["entries"].reverse(),
        lambda trail: trail["entries"].insert(1, dict(trail["entries"][0])),
        lambda trail: trail["anchors"].clear(),
        lambda trail: trail["anchors"][0].update(root="0" * 64),
        lambda trail: trail["anchors"][0].update(hash="0" * 64),
        lambda trail: trail["anchors"][0]["leaves"].pop(),
        lambda trail: trail.update(announced="dead beef"),
    ],
    ids=["tail", "head", "middle", "order", "twice", "anchors", "root", "hash", "leaf", "announced"],
)
def test_a_record_that_was_cut_or_written_anew_is_found(change: Callable[[dict[str, Any]], object]) -> None:
    assert not check(with_trail(change)).fits


def test_anchors_that_do_not_hold_the_record_lead_to_the_next_one() -> None:
    def follow(trail: dict[str, Any], previous: str = "") -> None:
        first = trail["anchors"][0]
        root, at, before = "0" * 64, first["at"], previous or first["hash"]
        link = hashlib.sha256((before + root + at).encode()).hexdigest()
        trail["anchors"].append({"seq": 2, "at": at, "root": root, "hash": link, "previous": before, "leaves": None})

    assert check(with_trail(follow)).fits
    wrong = check(with_trail(lambda trail: follow(trail, "1" * 64))).faults
    assert wrong == ["anchor 2 does not follow from anchor 1"]


def test_an_approval_that_nobody_gave_is_found() -> None:
    files = files_of(made())
    approvals = json.loads(files["approvals.json"])
    approvals["approvals"][0]["person"] = "U0MALLORY"
    faults = check(packed({**files, "approvals.json": json.dumps(approvals).encode()})).faults
    assert faults == ["the record has no signature of U0MALLORY as product_manager on approval"]


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -30])
def test_a_truncated_zip_is_no_package(cut: int) -> None:
    with pytest.raises(NotAPackage, match="no whole zip"):
        check(made()[:cut])


def test_one_byte_that_is_another_is_found() -> None:
    data = made()
    for at in range(40, len(data), max(1, len(data) // 60)):
        spoilt = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        try:
            fits = check(spoilt).fits
        except NotAPackage:
            continue
        same = files_of(spoilt) == files_of(data)  # a byte of a date or an attribute says nothing
        assert not fits or same, at


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"format": 99}', b"[" * 100_000])
def test_a_manifest_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPackage):
        check(packed({"manifest.json": content}, False))
