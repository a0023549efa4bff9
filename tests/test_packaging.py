"""What is installed: the locks name no address and agree with pyproject.toml, and a wheel carries every file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")
HOUSES = ("core", "handlers", "bot", "sandbox")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+) \\$", re.MULTILINE)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(lock: str) -> dict[str, str]:
    return {_normal(name): version for name, version in PINNED.findall((ROOT / lock).read_text("utf-8"))}


def _wanted(extra: str = "") -> set[str]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = document["project"]
    wanted = project["dependencies"] + document["build-system"]["requires"]
    wanted += project["optional-dependencies"][extra] if extra else []
    return {_normal(re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]) for requirement in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    address = re.compile(r"://|^\s*(?!--hash=)-|\s@\s|/(?:opt|tmp|home|root)/")
    assert [line for line in lines if address.search(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    requirements = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    assert requirements
    assert [line for line in requirements if not PINNED.match(line)] == []
    assert text.count("--hash=sha256:") >= len(requirements)


def test_the_locks_agree_with_pyproject() -> None:
    base, dev, bench = (_pins(lock) for lock in LOCKS)
    assert _wanted() <= base.keys(), "run `make lock`"
    assert _wanted("dev") <= dev.keys() and _wanted("bench") <= bench.keys(), "run `make lock`"
    assert base.items() <= dev.items() and base.items() <= bench.items(), "the locks differ"
    assert [name for name in dev.keys() & bench.keys() if dev[name] != bench[name]] == [], "the locks differ"


def _sources() -> list[str]:
    """The files of the houses that git tracks or would track, without deleted ones and pages for developers."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *HOUSES],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout
    return [name for name in listed.split("\0") if name and not name.endswith(".md") and (ROOT / name).is_file()]


def test_a_wheel_carries_every_file(tmp_path: Path) -> None:
    sources = _sources()
    tree = tmp_path / "tree"
    for name in [*sources, "pyproject.toml", "README.md"]:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tree / name)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, tree],
        check=True, capture_output=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    [wheel] = tmp_path.glob("release_bot-*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    assert [name for name in sources if name not in carried] == []
