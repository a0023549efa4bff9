"""A small release as a package's sources, with a trail that proves itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from core.domain.package.package import Secrets, package
from core.domain.package.page import Wording
from core.domain.package.sources import Sources

CHAIN, POLICY = "release:7", "p" * 64
HOSTILE = "<script>alert(1)</script> \" & 'x' </table>"
AT = "2026-12-{:02}T15:00:00.000000Z"


def entry(before: str, seq: int, body: dict[str, Any], chain: str) -> dict[str, Any]:
    text, salt = json.dumps(body), f"salt{seq}"
    digest = hashlib.sha256((salt + text).encode()).hexdigest()
    link = (chain, seq, AT.format(seq), "U0MIRA", "approve", POLICY, digest)
    made = hashlib.sha256((before + "1\n" + "\n".join(map(str, link))).encode()).hexdigest()
    names = ("chain", "seq", "at", "actor", "verb", "policy", "body_digest")
    return {**dict(zip(names, link, strict=True)), "hash": made, "salt": salt, "body": text}


def written(*said: dict[str, Any], chain: str = CHAIN) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for seq, body in enumerate(said, 1):
        made.append(entry(made[-1]["hash"] if made else "", seq, body, chain))
    return made


def anchor(entries: list[dict[str, Any]], previous: str = "") -> dict[str, Any]:
    leaves = [["product:x", 3, "e" * 64], [CHAIN, len(entries), entries[-1]["hash"]]]
    root = hashlib.sha256("".join(f"{c}\n{s}\n{h}\n" for c, s, h in leaves).encode()).hexdigest()
    made = hashlib.sha256((previous + root + AT.format(9)).encode()).hexdigest()
    return {"seq": 1, "at": AT.format(9), "root": root, "hash": made, "previous": previous, "leaves": leaves}


SIGNED = {"gate": "approval", "subject": "d" * 64, "role": "product_manager", "person": "U0MIRA", "verdict": "approve"}


def sources(**more: Any) -> Sources:
    entries = written(
        {"roles": ["release_manager"], "from": "planning", "to": "planning", "input": {"reason": HOSTILE}},
        {"roles": ["product_manager"], "signed": [list(SIGNED.values())], "risks": [{"code": "size", "data": {}}]},
        {"roles": [], "from": "preparation", "to": "deployment"},
    )
    held = anchor(entries)
    record = {
        "id": 7, "product": "asset-anchor", "version": "1.3.0", "type": "minor", "phase": "post-release", "outcome": "",
        "candidates": [{"tag": "v1.3.0-rc.1", "sha": "c" * 40, "digest": "d" * 64, "at": AT.format(2), "by": "U0PRIYA",
                        "manifest": {"migrations": [HOSTILE], "configuration": ["app.toml: page_size 20 -> 50"]}}],
        "promotion_sha": "f" * 40, "started_by": "U0PRIYA", "started_at": AT.format(1), "lead": "U0PRIYA",
        "live_at": AT.format(4), "scope": [{"sha": "a" * 40, "subject": HOSTILE, "author": "Kim", "pull": 42}],
        "runs": [{"id": 1, "environment": "production", "kind": "deploy", "state": "done", "target": "1.3.0",
                  "sha": "f" * 40, "by": "U0OLU", "started_at": AT.format(4), "builds": []}],
        "incidents": [{"id": 1, "by": "U0SANA", "text": HOSTILE, "severity": "high", "detected_at": AT.format(5)}],
        "record": f"{held['hash'][:4]} {held['hash'][4:8]}",
    }  # fmt: skip
    record["incidents"][0]["resolved_at"] = None  # type: ignore[index]
    found = Sources(
        7, record, {"signoffs": [], "approvals": []}, POLICY,
        decisions=[{**SIGNED, "at": AT.format(2), "reason": "", "stands_for": "", "withdrawn_at": None}],
        entries=entries, anchors=[held], policies={POLICY: "serial = 1\n"}, people={"U0MIRA": "Mira"},
        logs={"production-1/migrate-1": "all is well\n"},
    )  # fmt: skip
    return replace(found, **more)


def made(*known: str, **more: Any) -> bytes:
    return package(sources(**more), Secrets(known), Wording())
