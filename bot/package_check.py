"""Check a package of evidence without the bot: `python -I package_check.py FILE [--published "7be1 04c9"]`.

This file imports nothing but the standard library, and opens nothing but FILE. It checks

- that every file in the zip is the one that its manifest names, and that nothing is missing or added;
- that every entry of the record follows from the one before, and that what was said in it is what was written then;
- that the anchors are what they are made of, that they hold this record, and that one of them is the published one;
- that each approval, sign-off and withdrawal in `approvals.json` stands in the record too.

Whoever forges a package makes its manifest anew: what the other files say is proven by the digest of the whole alone,
which the first line tells, and the record up to the anchor that you saw published.

Exit code 0: all of it fits. 1: something does not. 2: the file cannot be read as a package at all.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST, TRAIL, SIGNED = "manifest.json", "trail.json", "approvals.json"
FORMAT = 1
LARGEST = 1 << 30  # bytes that a package may have, and may unpack to
SHORTEST = 8  # digits of an anchor as it is announced; of fewer, one could be made to fit
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LINKED = 0o120000  # the kind of a file that is a link, in the attributes of a zip
FITS, DOES_NOT_FIT, NO_PACKAGE = 0, 1, 2
LINK = ("chain", "seq", "at", "actor", "verb", "policy", "body_digest")


class NotAPackage(Exception):
    """The file cannot be read."""


@dataclass
class Verdict:
    """What was found: `faults` do not fit, `notes` are worth knowing, `proven` counts what was shown to be true."""

    about: str = ""
    digest: str = ""
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    proven: dict[str, int] = field(default_factory=dict)

    @property
    def fits(self) -> bool:
        return not self.faults

    def lines(self) -> Iterator[str]:
        """The verdict as people read it."""
        yield f"{plain(self.about)}, package {self.digest}"
        for fault in self.faults:
            yield f"FAIL {plain(fault)}"
        for note in self.notes:
            yield f"note {plain(note)}"
        told = ", ".join(f"{count} {name}" for name, count in self.proven.items())
        yield f"{'All of it fits' if self.fits else 'Something does not fit'}: {told} checked."


def plain(text: str) -> str:
    """On one line, and without signs that a terminal obeys: what a package says must not look like our verdict."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def read(path: Path) -> bytes:
    """The bytes of a file. Raises OSError, and NotAPackage for one that no package is as long as."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotAPackage("it is longer than a package ever is")
    return data


def check(data: bytes, published: Sequence[str] = ()) -> Verdict:
    """Check the bytes of a package; `published` are records that somebody saw announced. Raises NotAPackage."""
    verdict = Verdict(digest=hashlib.sha256(data).hexdigest())
    files = _files(data)
    manifest = _json(files, MANIFEST)
    if manifest.get("format") != FORMAT:
        raise NotAPackage(f"it has the format {manifest.get('format')!r}; this script knows format {FORMAT}")
    verdict.about = f"{manifest.get('product', '')} {manifest.get('about', '')}".strip()
    try:
        _contents(files, manifest, verdict)
    except (AttributeError, TypeError, ValueError) as odd:
        raise NotAPackage(f"{MANIFEST} has not the shape of one: {odd!r}") from odd
    if TRAIL in files:
        try:
            _record(files, manifest, verdict, published)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as odd:
            verdict.faults.append(f"the record has not the shape of one: {odd!r}")
    elif published:
        verdict.faults.append("there is no record in this package to compare with what was published")
    return verdict


def _record(
    files: Mapping[str, bytes], manifest: Mapping[str, Any], verdict: Verdict, published: Sequence[str]
) -> None:
    trail = _json(files, TRAIL)
    _trail(trail, manifest, verdict)
    _anchors(trail, verdict, published)
    if SIGNED in files:
        _approvals(_json(files, SIGNED), trail.get("entries") or (), verdict)


def _files(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > LARGEST:
                raise NotAPackage("it unpacks to more than a package ever does")
            names = [entry.filename for entry in entries]
            if len({name.casefold() for name in names}) != len(names):
                raise NotAPackage("a file is in it twice")
            if odd := next((entry for entry in entries if not _tame(entry)), None):
                raise NotAPackage(f"{plain(odd.filename)} in it is nothing to unpack")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise NotAPackage(f"it is no whole zip: {error}") from error


def _tame(entry: zipfile.ZipInfo) -> bool:
    """Whether it is a file that stays in the folder where somebody unpacks it."""
    name = entry.orig_filename
    inside = name.isprintable() and not set(name) & set("\\:") and not {"", ".", ".."} & set(name.split("/"))
    return inside and entry.compress_type in PACKED and entry.external_attr >> 16 & 0o170000 != LINKED


def _json(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    if name not in files:
        raise NotAPackage(f"there is no {name} in it")
    try:
        found = json.loads(files[name])
    except (ValueError, RecursionError) as error:
        raise NotAPackage(f"{name} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise NotAPackage(f"{name} is no JSON object")
    return found


def _contents(files: Mapping[str, bytes], manifest: Mapping[str, Any], verdict: Verdict) -> None:
    listed = manifest.get("files") or {}
    for name in sorted(listed.keys() - files.keys()):
        verdict.faults.append(f"{name} is missing")
    for name in sorted(files.keys() - listed.keys() - {MANIFEST}):
        verdict.faults.append(f"{name} was added: the manifest does not name it")
    for name in sorted(listed.keys() & files.keys()):
        if hashlib.sha256(files[name]).hexdigest() != listed[name].get("sha256"):
            verdict.faults.append(f"{name} was changed: it is not what the manifest names")
    verdict.proven["files"] = len(listed.keys() & files.keys())
    if removed := int(manifest.get("removed_secrets") or 0):
        verdict.notes.append(f"{removed} secrets were taken out before this package was made")
    for what, at in sorted((manifest.get("expired") or {}).items()):
        verdict.notes.append(f"the {what} have expired: they were deleted because of their age at {at}")


def _trail(trail: Mapping[str, Any], manifest: Mapping[str, Any], verdict: Verdict) -> None:
    before, last, broken, withheld, expired = "", 0, 0, 0, 0
    for entry in trail.get("entries") or ():
        number, fault = entry.get("seq"), _entry_fault(before, last, entry)
        if fault:
            broken = broken or last + 1
            verdict.faults.append(f"entry {number}: {fault}")
        withheld += bool(entry.get("withheld"))
        expired += bool(entry.get("expired"))
        before, last = str(entry.get("hash")), last + 1
    told = manifest.get("record") or {}
    if (told.get("entries"), told.get("head")) != (last, before):
        verdict.faults.append(f"the record ends at entry {last}; the manifest says {told.get('entries')}")
    if len({entry.get("chain") for entry in trail.get("entries") or ()}) > 1:
        verdict.faults.append("the record is pieced together from several")
    if expired and "package" not in (manifest.get("expired") or {}):
        verdict.faults.append(f"{expired} entries have no words, and nobody says that they have expired")
    if broken > 1:
        verdict.notes.append(f"entries 1-{broken - 1} are proven")
    if withheld:
        verdict.notes.append(f"{withheld} entries are shown without a secret that was in them; their links are proven")
    if expired:
        verdict.notes.append(f"{expired} entries have lost their words because of their age; their links are proven")
    verdict.proven["entries"] = last


def _entry_fault(before: str, last: int, entry: Mapping[str, Any]) -> str:
    if entry.get("seq") != last + 1:
        return f"it follows entry {last}, so something was removed, added or moved"
    told = "\n".join(str(entry.get(name)) for name in LINK)
    if hashlib.sha256((before + "1\n" + told).encode()).hexdigest() != entry.get("hash"):
        return "it does not fit its chain"
    if entry.get("expired") or entry.get("withheld"):
        left = "body" in entry or (entry.get("expired") and "shown" in entry)
        return "it has words that should be gone" if left else ""
    said = str(entry.get("salt")) + str(entry.get("body"))
    return "" if hashlib.sha256(said.encode()).hexdigest() == entry.get("body_digest") else "what was said was changed"


def _anchors(trail: Mapping[str, Any], verdict: Verdict, published: Sequence[str]) -> None:
    links = {(e.get("chain"), e.get("seq")): e.get("hash") for e in trail.get("entries") or ()}
    mine = {chain for chain, _ in links}
    held = 0  # up to which entry an anchor holds this record
    known: list[tuple[str, int]] = []  # the hash of each anchor, and what it or one before it holds
    last: Mapping[str, Any] = {}
    for anchor in trail.get("anchors") or ():
        name = f"anchor {anchor.get('seq')}"
        leaves = anchor.get("leaves")  # one that does not hold this record only leads from the one before to the next
        root = "".join(f"{chain}\n{seq}\n{link}\n" for chain, seq, link in leaves or ())
        if leaves is not None and hashlib.sha256(root.encode()).hexdigest() != anchor.get("root"):
            verdict.faults.append(f"{name} is not what it is made of")
        if last and (anchor.get("seq"), anchor.get("previous")) != (last["seq"] + 1, last["hash"]):
            verdict.faults.append(f"{name} does not follow from anchor {last['seq']}")
        made = f"{anchor.get('previous')}{anchor.get('root')}{anchor.get('at')}"
        if hashlib.sha256(made.encode()).hexdigest() != anchor.get("hash"):
            verdict.faults.append(f"{name} does not follow from the one before")
        for chain, seq, link in leaves or ():
            if chain in mine and links.get((chain, seq)) != link:
                verdict.faults.append(f"{name} knows another entry {seq}: the record was cut or written anew")
            elif chain in mine:
                held = max(held, seq)
        known.append((str(anchor.get("hash")), held))
        last = anchor
    verdict.proven["anchors"] = len(known)
    _published(trail, verdict, known, published)


def _published(
    trail: Mapping[str, Any], verdict: Verdict, known: Sequence[tuple[str, int]], published: Sequence[str]
) -> None:
    """What was announced must be one of the anchors, and it or one before it must hold this record."""
    for record in dict.fromkeys([*([str(trail["announced"])] if trail.get("announced") else []), *published]):
        begin = record.replace(" ", "").lower()
        found = [held for link, held in known if link.startswith(begin)] if len(begin) >= SHORTEST else []
        if not found:
            verdict.faults.append(f"the record {record}, which was announced, is none of these anchors")
        elif not found[0]:
            verdict.faults.append(f"the record {record}, which was announced, says nothing of these entries")
        elif record in published and found[0] < len(trail["entries"]):
            verdict.notes.append(f"entries 1-{found[0]} stand in the published record {record}, the others came later")
    if not published:
        verdict.notes.append("no published record was given, so only whoever made this package vouches for it")


def _approvals(approvals: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], verdict: Verdict) -> None:
    """Every signature must have been written to the record when it was given."""
    bodies = [json.loads(e["body"]) for e in entries if isinstance(e.get("body"), str)]
    given, told = _signed(bodies), _signed([e.get("shown") or {} for e in entries])
    count, unproven = 0, 0
    for one in (*(approvals.get("approvals") or ()), *(approvals.get("sign_offs") or ())):
        signed = tuple(one.get(name) for name in ("gate", "digest", "role", "person", "verdict"))
        if signed in given:
            count += 1
        elif signed in told:
            unproven += 1
        else:
            verdict.faults.append(f"the record has no signature of {signed[3]} as {signed[2]} on {signed[0]}")
    if unproven:
        verdict.notes.append(f"{unproven} signatures stand in entries that are shown without a secret: not proven")
    verdict.proven["signatures"] = count


def _signed(bodies: Iterable[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {tuple(one[:5]) for body in bodies for one in body.get("signed") or ()}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main(words: Sequence[str]) -> int:
    """The command line; returns the exit code."""
    published = [words[i + 1] for i, word in enumerate(words[:-1]) if word == "--published"]
    names = [w for i, w in enumerate(words) if w != "--published" and (i == 0 or words[i - 1] != "--published")]
    if len(names) != 1 or names[0].startswith("-"):
        _say('Usage: python -I package_check.py FILE [--published "7be1 04c9"]')
        return NO_PACKAGE
    try:
        verdict = check(read(Path(names[0])), published)
    except (NotAPackage, OSError) as error:
        _say(f"{names[0]} is no package that can be checked: {error}")
        return NO_PACKAGE
    for line in verdict.lines():
        _say(line)
    return FITS if verdict.fits else DOES_NOT_FIT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
