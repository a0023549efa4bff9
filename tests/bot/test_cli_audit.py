"""`audit` and `retention` from a terminal, on a store in which nothing has happened yet."""

from __future__ import annotations

from pathlib import Path

from tests.bot.conftest import Run


def test_a_period_is_exported_checked_and_not_written_over(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "last.zip"
    run("adopt", "--as", "priya")
    assert "Check it" in run("audit", "export", "last 30 days", "--out", str(file)).output
    assert "is there already" in run("audit", "export", "last 30 days", "--out", str(file), code=1).output
    assert "All of it fits" in run("audit", "check", str(file)).output
    file.write_bytes(file.read_bytes()[:200])
    assert "no package" in run("audit", "check", str(file), code=2).output
    assert "there is no v9.9.9" in run("audit", "export", "9.9.9", "--out", str(tmp_path / "no.zip"), code=1).output
    assert "import hashlib" in run("audit", "checker").output


def test_the_trail_and_what_reaches_its_age(run: Run) -> None:
    run("adopt", "--as", "priya")
    assert "unbroken" in run("audit", "verify").output
    run("audit", "verify", "--published", "dead beef", code=1)
    assert "Nothing reaches its age by 2028-01-01" in run("retention", "--dry-run", "--on", "2028-01-01").output
    run("retention", "--on", "2028-01-01", code=2)
    assert "Nothing" in run("retention").output
