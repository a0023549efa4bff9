"""A package shows everything, hides every secret, and does not depend on when or where it was made."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from typing import Any

from bot.package_check import check
from core.domain.package.clean import Cleaner
from tests.core.domain.package.sample import AT, HOSTILE, made, sources, written

SECRETS = {
    "log": "ghp_" + "a1B2" * 9,
    "configuration": "postgresql://app:hunter2-prod@db.example.com/app",
    "reason": "xoxb-" + "1234567890-abcdef",
    "evidence": "AKIA" + "IOSFODNN7EXAMPLE",
    "policy": "correct-horse-battery",
}


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_same_sources_make_the_same_bytes() -> None:
    assert made() == made()
    with zipfile.ZipFile(io.BytesIO(made())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_what_people_wrote_is_text_and_the_page_loads_nothing() -> None:
    page = parts(made())["index.html"]
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page and "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "Mira" in page and "page_size 20 -&gt; 50" in page and 'lang="en"' in page


def test_planted_secrets_are_in_no_file() -> None:
    found = sources()
    record: dict[str, Any] = {**found.record, "reason": f"rotate {SECRETS['reason']}"}
    record["candidates"][0]["manifest"]["configuration"] = [f"app.toml: {SECRETS['configuration']}"]
    result = {
        "sha": "c" * 40, "kind": "security", "name": "scan", "verdict": "passed", "numbers": {}, "source": "ci",
        "at": AT.format(3), "note": f"found {SECRETS['evidence']}", "builds": [],
    }  # fmt: skip
    data = made(
        SECRETS["policy"],
        record=record,
        results=[result],
        logs={"production-1/migrate-1": f"token {SECRETS['log']}\n"},
        entries=written({"input": {"reason": f"because of {SECRETS['reason']}"}}, {"roles": []}),
        anchors=[],
        policies={"p" * 64: f'note = "{SECRETS["policy"]}"\n'},
    )
    for name, text in parts(data).items():
        assert not [kind for kind, secret in SECRETS.items() if secret in text or "hunter2" in text], name
    verdict = check(data)
    assert any("without a secret" in note for note in verdict.notes), "the link proves it all the same"
    assert not [fault for fault in verdict.faults if fault.startswith("entry")]


def test_a_policy_with_mails_stands_word_for_word() -> None:
    text = 'emails = ["mira@asset-anchor.example"]\n'
    assert Cleaner().policy(text) == text and "removed" in Cleaner().policy(text + "token = 'ghp_" + "a1B2" * 9 + "'")


def test_what_has_expired_is_named_in_its_place() -> None:
    gone = {"at": AT.format(9), "things": [{"log": "production-1/migrate-1", "sha256": "a" * 64, "characters": 12}]}
    data = made(logs={}, expired={"logs": gone})
    assert check(data).fits and "deleted because of their age" in parts(data)["index.html"]
    bodiless = [{**e, "body": None, "salt": None} for e in sources().entries]
    whole = made(entries=bodiless, decisions=[], expired={"logs": gone, "package": {"at": AT.format(9), "things": []}})
    assert check(whole).fits and json.loads(parts(whole)["approvals.json"]) == {"expired": AT.format(9)}
    assert HOSTILE[:20] not in "".join(parts(whole).values())


def test_the_digest_of_a_secret_variable_stays_so_that_a_change_of_it_is_provable() -> None:
    told = {"variables": {"key": "k1", "digests": {"DB_PASSWORD": "d" * 32, "API_TOKEN": "hunter2"}}, "token": "d" * 32}
    cleaner = Cleaner()
    found = cleaner.data(told)
    assert found["variables"]["digests"] == {"DB_PASSWORD": "d" * 32, "API_TOKEN": "[removed]"}
    assert found["token"] == "[removed]" and cleaner.count == 2


def test_half_a_letter_keeps_nothing_from_export() -> None:
    half, record = "half a \ud83d letter", sources().record
    record["incidents"][0]["text"] = half  # type: ignore[index]
    told = made(record=record, logs={"production-1/migrate-1": half}, documents={"checklist.md": half}, notes=half)
    assert check(told).fits and parts(told)["notes.md"] == "half a ? letter"


def test_a_release_that_was_never_deployed_has_a_package() -> None:
    record = {**sources().record, "runs": [], "live_at": None, "candidates": [], "promotion_sha": "", "record": ""}
    data = made(record=record, decisions=[], entries=[], anchors=[], logs={})
    assert check(data).fits
    page = parts(data)["index.html"]
    assert "never went live" in page and "It was never deployed." in page and "Nobody has approved it." in page
    assert json.loads(parts(data)["release.json"])["commit"] == ""


def test_a_legal_hold_is_named() -> None:
    held = {"by": "U0MIRA", "reason": "a court", "release_id": 7, "at": AT.format(9)}
    assert "On legal hold by Mira: a court" in parts(made(hold=held))["index.html"]
    assert replace(sources(), hold=held).hold == held
