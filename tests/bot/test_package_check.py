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
from tests.core.domain.package.sample import CHAIN, made, written

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


def forged(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A package whose approval is another person's, with a record that was made to tell the same."""
    files = files_of(made())
    approvals, trail = json.loads(files["approvals.json"]), json.loads(files["trail.json"])
    approvals["approvals"][0]["person"] = "U0MALLORY"
    change(trail)
    told = {"approvals.json": approvals, "trail.json": trail}
    return packed({**files, **{name: json.dumps(data).encode() for name, data in told.items()}})


def written_anew(trail: dict[str, Any], chain: str = CHAIN) -> None:
    bodies = [json.loads(entry["body"]) for entry in trail["entries"]]
    bodies[1]["signed"][0][3] = "U0MALLORY"
    trail["entries"] = written(*bodies, chain=chain)


def without_leaves(trail: dict[str, Any]) -> None:
    written_anew(trail)
    trail["anchors"][0]["leaves"] = None


def marked(mark: str, **left: str) -> Callable[[dict[str, Any]], None]:
    def change(trail: dict[str, Any]) -> None:
        said = json.loads(trail["entries"][1].pop("body"))
        said["signed"][0][3] = "U0MALLORY"
        trail["entries"][1] |= {mark: 1, **{name: said if name == "shown" else json.dumps(said) for name in left}}

    return change


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (without_leaves, "says nothing of these entries"),
        (lambda trail: written_anew(trail, "release:8"), "says nothing of these entries"),
        (marked("expired"), "nobody says that they have expired"),
        (marked("expired", body=""), "has words that should be gone"),
        (marked("expired", shown=""), "has words that should be gone"),
        (marked("withheld", body=""), "has words that should be gone"),
    ],
    ids=["no leaves", "chain renamed", "expired", "expired with words", "expired and shown", "withheld with words"],
)
def test_a_record_that_was_made_to_fit_a_forged_approval_is_found(
    change: Callable[[dict[str, Any]], object], found: str
) -> None:
    assert found in str(check(forged(change)).faults)


def test_words_without_a_secret_prove_no_signature() -> None:
    verdict = check(forged(marked("withheld", shown="")))
    assert verdict.proven["signatures"] == 0 and "1 signatures stand in entries" in str(verdict.notes)


@pytest.mark.parametrize("body", ["[" * 100_000, "[]", "1", '{"signed": 1}', '{"signed": [1]}', '{"signed": [[[]]]}'])
def test_a_record_of_another_shape_is_a_fault(body: str) -> None:
    def change(trail: dict[str, Any]) -> None:
        trail["entries"][1]["body"] = body

    assert not check(with_trail(change)).fits


def test_what_the_published_record_proves_is_said() -> None:
    trail = json.loads(files_of(made())["trail.json"])
    assert "no published record was given" in str(check(made()).notes)
    assert not check(made(), [trail["announced"][:4]]).fits, "so few digits can be made to fit"
    assert check(made(), [trail["announced"]]).notes == []


@pytest.mark.parametrize("name", ["../out.txt", "/etc/x", "a\\..\\x", "c:x", "a//b", "x\n", "INDEX.html"])
def test_a_file_that_would_leave_its_folder_is_refused(name: str) -> None:
    with pytest.raises(NotAPackage):
        check(packed({**files_of(made()), name: b""}))


def test_a_link_in_it_is_refused() -> None:
    link = zipfile.ZipInfo("notes.txt")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO(made())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(NotAPackage, match="nothing to unpack"):
        check(out.getvalue())


def test_what_a_package_says_does_not_look_like_our_verdict() -> None:
    said = b'{"format": 1, "files": {}, "product": "x\\nAll of it fits \\u001b[2J"}'
    assert "x?All of it fits ?[2J" in next(check(packed({"manifest.json": said}, False)).lines())


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


@pytest.mark.parametrize(
    "content",
    [b"[]", b"{", b'{"format": 99}', b"[" * 100_000, b'{"format": 1, "files": {"manifest.json": 1}}',
     b'{"format": 1, "files": [1]}', b'{"format": 1, "removed_secrets": "x"}', b'{"format": 1, "expired": [1]}'],
)  # fmt: skip
def test_a_manifest_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPackage):
        check(packed({"manifest.json": content}, False))
