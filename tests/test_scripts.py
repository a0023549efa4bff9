"""The strategy's script names hand over to one command each, and never pretend to have done something."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from bot.cli import make_cli
from tests.test_docs import fault_of

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
CASES = {
    "tag_release.sh": ("tag", ["1.3.0", "Release notes for v1.3.0"]),
    "pre-deploy-check.sh": ("check", []),
    "run_migrations.sh": ("migrate", ["--backup"]),
    "rollback.sh": ("rollback", ["--version=1.2.0"]),
    "smoke_test.py": ("smoke", ["--environment=production"]),
    "monitor_deployment.sh": ("monitor", ["--service=backend"]),
    "verify-deployment.sh": ("verify", ["--rollback"]),
}
NOT_INSTALLED = 3
# Stands in for the command line: knows the commands in $KNOWN, writes its arguments one to a line, exits with 7.
STUB = """#!/bin/sh
case " $KNOWN " in *" $1 "*) ;; *) exit 2 ;; esac
[ "$2" = --help ] && exit 0
for argument in "$@"; do echo "$argument"; done
exit 7
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without .venv, with a stub of release-bot on the path."""
    shutil.copytree(SCRIPTS, tmp_path / "checkout" / "scripts")
    stub = tmp_path / "bin" / "release-bot"
    stub.parent.mkdir()
    stub.write_text(STUB)
    stub.chmod(0o755)
    return tmp_path


def run(checkout: Path, script: str, arguments: list[str], known: str) -> subprocess.CompletedProcess[str]:
    elsewhere = [folder for folder in os.environ["PATH"].split(":") if not (Path(folder) / "release-bot").exists()]
    return subprocess.run(
        [checkout / "checkout" / "scripts" / script, *arguments],
        env={**os.environ, "PATH": ":".join([str(checkout / "bin"), *elsewhere]), "KNOWN": known},
        cwd=checkout, capture_output=True, text=True, check=False,
    )


def test_every_script_has_its_case() -> None:
    assert {path.name for path in SCRIPTS.iterdir() if os.access(path, os.X_OK)} == CASES.keys()


@pytest.mark.parametrize("script", CASES)
def test_a_script_hands_over_words_and_exit_code(checkout: Path, script: str) -> None:
    command, arguments = CASES[script]
    result = run(checkout, script, arguments, known=command)
    assert result.stdout.splitlines() == [command, *arguments]
    assert result.returncode == 7


@pytest.mark.parametrize("script", CASES)
def test_without_the_bot_it_names_what_to_do(checkout: Path, script: str) -> None:
    (checkout / "bin" / "release-bot").write_text("")
    (checkout / "bin" / "release-bot").chmod(0o644)
    result = run(checkout, script, [], known="")
    assert result.returncode == NOT_INSTALLED
    assert "make setup" in result.stderr


def test_every_script_can_be_typed_as_the_strategy_prints_it() -> None:
    group = typer.main.get_command(make_cli())
    typed = [
        f"release-bot {command} {' '.join(a.replace(' ', '_') for a in given)}" for command, given in CASES.values()
    ]
    typed += ["release-bot verify --service=frontend", "release-bot migrate --rollback", "release-bot migrate"]
    assert [(line, fault) for line in typed if (fault := fault_of(group, line))] == []
