"""Commands as they are typed: settings from the environment, words on the screen, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.conftest import POLICY, Run
from tests.plugins.disk import full_disk


def test_a_store_is_adopted_verified_backed_up_and_restored(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "runs v1.2.2" in run("adopt", "--as", "priya").output
    assert "known already" in run("adopt", "--as", "priya", code=1).output
    assert "unbroken" in run("audit", "verify").output
    copy = str(tmp_path / "copy.zip")
    assert "rows of" in run("backup", copy).output
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    assert "rows are back" in run("restore", copy, "--as", "olu").output
    assert "unbroken" in run("audit", "verify").output
    run("restore", copy, "--as", "olu", code=1)  # it is not empty any more
    assert "rows are back" in run("restore", copy, "--as", "olu", "--replace").output


def test_the_schema_is_upgraded_and_named(run: Run) -> None:
    assert "empty" in run("db", "current", code=1).output
    assert "has schema" in run("db", "upgrade").output
    run("db", "current")


def test_a_store_that_cannot_be_written_ends_the_start_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s")
    run("db", "upgrade")
    with full_disk():
        told = run("serve", code=1).output
    assert told.startswith("The database of DATABASE_URL (or in DATA_DIR) cannot be used: ") and told.count("\n") == 1


def test_a_wrong_person_ends_with_who_is_known(run: Run) -> None:
    assert "it knows priya" in run("adopt", "--as", "zoe", code=1).output


def test_status_of_nothing_is_said(run: Run) -> None:
    run("adopt", "--as", "priya")
    assert "Nothing is in flight" in run("status", code=1).output
    assert "There is no 9.9.9" in run("status", "9.9.9", code=1).output


def test_the_plan_is_shown_and_printed_as_a_runbook(run: Run) -> None:
    run("adopt", "--as", "priya")
    assert "nothing is in flight" in run("plan", code=1).output
    run("release", "start minor", "--as", "priya")
    assert "The plan of v1.3.0" in run("plan").output
    assert run("plan", "1.3.0", "--print").output.startswith("# Runbook: v1.3.0 of Asset Anchor\n")
    assert "there is no 9.9.9" in run("plan", "9.9.9", "--print", code=1).output


def test_a_result_is_brought_from_a_file(run: Run, tmp_path: Path) -> None:
    run("adopt", "--as", "priya")
    report, sha = tmp_path / "report.xml", "ab" * 20
    said = ("evidence", "add", str(report), "--commit", sha, "--kind", "regression")
    report.write_text('<testsuite tests="2"><testcase name="a"/><testcase name="b"/></testsuite>')
    told = run(*said, "--as", "qadir", "--url", "https://ci.example/7").output
    assert "regression: passed; it is kept: no open release has this commit as its candidate yet." in told
    assert "counts once" in run(*said, "--as", "qadir", "--url", "https://ci.example/7").output
    report.write_text('<testsuite><testcase name="sums"><failure/></testcase></testsuite>')
    assert "regression: failed" in (red := run(*said, code=1).output) and "sums" in red
    report.write_text("PK and nothing else")
    assert "neither XML nor JSON" in run(*said, code=1).output
    assert "is no commit" in run(*said[:4], "main", *said[5:], code=1).output
    assert "there is no 1.3.0" in run("evidence", "list", "1.3.0", code=1).output
    report.write_bytes(b" " * (10 * 1024 * 1024 + 1))
    assert "larger than 10 MB" in run(*said, code=1).output


def test_settings_that_are_missing_are_named_together(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRODUCT_REPO")
    told = run("serve", code=2).output
    assert all(name in told for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "PRODUCT_REPO"))


def test_the_policy_is_checked_in_words(run: Run, tmp_path: Path) -> None:
    assert "A hotfix release" in run("policy", "check").output
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(POLICY.read_text().replace("expire_days = 7", "expire_days = 0").replace('qa = "', 'qb = "'))
    assert "line " in run("policy", "check", str(wrong), code=2).output
    missing = run("policy", "check", str(tmp_path / "nothing.toml"), code=2).output
    assert "there is no file" in missing and "RELEASE_POLICY" not in missing


def test_the_manifest_is_printed_and_a_wrong_address_refused(run: Run) -> None:
    assert "https://bot.example.com/slack/events" in run("manifest", "--url", "https://bot.example.com").output
    assert "https" in run("manifest", "--url", "http://bot.example.com", code=2).output


def test_nothing_is_stuck_at_first(run: Run) -> None:
    run("adopt", "--as", "priya")
    assert "Nothing waits" in run("outbox", "list").output
    assert "No effect with the number 99" in run("outbox", "retry", "99", "--as", "priya", code=1).output
    told = run("outbox", "skip", "99", "--as", "dana", code=1).output
    assert told.startswith("Only a release manager can decide about what could not be delivered: Priya.")


def test_doctor_ends_with_1_and_says_what_to_do(run: Run) -> None:
    told = run("doctor", code=1).output
    assert "FAIL  token" in told and "->" in told and "ok    repository" in told


def test_status_as_json_is_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/")
    monkeypatch.setattr("bot.cli.acting.PATIENCE", 0.1)
    run("adopt", "--as", "priya")
    assert "is started" in run("release", "start patch payments fail", "--as", "priya").output
    assert json.loads(run("status", "--json").output)["type"] == "patch"
    assert "v1.2.3" in run("status", "1.2.3").output
    run("check", "1.2.3", code=1)


def test_serving_with_wrong_settings_or_policy_ends_with_2_and_every_fault(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SLACK_BOT_TOKEN", "xoxp-wrong"), ("SLACK_SIGNING_SECRET", "s"), ("PORT", "eighty")):
        monkeypatch.setenv(name, value)
    told = run("serve", code=2).output
    assert "PORT" in told and "SLACK_BOT_TOKEN" in told and "xoxp-wrong" not in told
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(POLICY.read_text().replace("serial = 2", "serial = 0", 1).replace('"tech_lead" }]', '"wizard" }]'))
    monkeypatch.setenv("RELEASE_POLICY", str(wrong))
    assert run("serve", code=2).output.count("line ") >= 2


def test_another_text_under_the_same_serial_is_refused_and_both_are_shown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SLACK_BOT_TOKEN", "xoxb-1"), ("SLACK_SIGNING_SECRET", "s"), ("PORT", "0")):
        monkeypatch.setenv(name, value)
    run("adopt", "--as", "priya")
    other = tmp_path / "other.toml"
    other.write_text(POLICY.read_text().replace("expire_days = 7", "expire_days = 6"))
    monkeypatch.setenv("RELEASE_POLICY", str(other))
    told = run("serve", code=2).output
    assert told.count("serial 2") == 2 and "policy show" in told
    assert run("policy", "show").output == POLICY.read_text()
