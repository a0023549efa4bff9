"""One release as a package: its parts cleaned, its trail with proofs, a page to read, all in one zip."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.domain.package.clean import Cleaner
from core.domain.package.page import Readers, Wording, page
from core.domain.package.parts import parts
from core.domain.package.sources import Sources
from core.domain.package.trail import proven
from core.domain.package.zipped import as_bytes, as_json, zipped

README = """This is the evidence of one release, made by Release Bot.

index.html            to read
release.json          tag, commit, builds and their digests, configuration changes
approvals.json        who signed what, in which role, when, for which content
risk.json             what was known to be risky
results.json          security results and all other results that were reported
checklists.json       every item and how it was met
deployments.json      when, by whom, with which steps; names of environment variables with a keyed digest of each value
incidents.json        incidents and reports
retrospective.json    what was said afterwards
trail.json            every entry of the record with its proofs
policy/               the policies that it was under
documents/            what was filed away when it was closed
logs/                 what the commands of its deployments said

Check it without us:  python -I package_check.py FILE   (the script needs nothing but Python 3.11 or newer)
or:                   release-bot audit check FILE
"""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is taken out of every export: `known` values, and `hosts` patterns of internal names."""

    known: Sequence[str] = ()
    hosts: Sequence[str] = ()


def package(s: Sources, secrets: Secrets, wording: Wording) -> bytes:
    """The zip; the same store makes the same bytes."""
    cleaner = Cleaner(secrets.known, secrets.hosts)
    trail = proven(s.entries, s.anchors, str(s.record.get("record", "")), cleaner)
    readable = replace(s, entries=[_with_words(entry) for entry in trail["entries"]])
    made = {name: cleaner.data(document) for name, document in parts(readable).items()}
    made["trail.json"] = trail
    files = {name: as_json(document) for name, document in made.items()}
    files |= _texts(s, cleaner)
    files["README.txt"] = README.encode()
    files["index.html"] = as_bytes(page(made, Readers(s.people, s.titles), wording))
    about = {
        "about": f"v{s.record['version']}",
        "product": s.record["product"],
        "record": {"entries": len(trail["entries"]), "head": trail["entries"][-1]["hash"] if trail["entries"] else ""},
        "removed_secrets": cleaner.count,
        "expired": {what: gone["at"] for what, gone in sorted(s.expired.items())},
    }
    return zipped(files, about)


def _with_words(entry: Mapping[str, Any]) -> dict[str, Any]:
    body = entry.get("body")
    return {**entry, "shown": json.loads(body) if isinstance(body, str) else entry.get("shown")}


def _texts(s: Sources, cleaner: Cleaner) -> dict[str, bytes]:
    if "package" in s.expired:
        return {}
    rules = {f"policy/{digest[:12]}.toml": as_bytes(cleaner.policy(text)) for digest, text in s.policies.items()}
    texts = {f"documents/{name}": text for name, text in s.documents.items()}
    texts |= {f"logs/{name}.txt": text for name, text in s.logs.items()}
    texts |= {"notes.md": s.notes} if s.notes else {}
    return rules | {name: as_bytes(cleaner.text(text)) for name, text in texts.items()}


def digest_of(zipped_bytes: bytes) -> str:
    """How people name a package: SHA-256 of the whole file, hex."""
    return hashlib.sha256(zipped_bytes).hexdigest()
