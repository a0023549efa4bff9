"""Programs that others wrote and that bear witness for us, installed once from a lock beside the tests."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def from_npm(witness: Path, cache: Path, name: str) -> Path:
    """The folder of an npm package, installed once for all workers; skips where npm or its registry is missing."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"no npm on this machine: the witness {name} is not asked")
    folder = cache / "node_modules" / name
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for part in ("package.json", "package-lock.json"):
                shutil.copy(witness / part, cache / part)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
            done = subprocess.run(command, cwd=cache, capture_output=True, text=True, timeout=60, check=False)
            if done.returncode != 0:
                pytest.skip(f"npm cannot install the witness {name}: {done.stderr.strip().splitlines()[-1][:200]}")
    return folder


def from_pip(lock_file: Path, cache: Path, name: str) -> Path:
    """A folder for PYTHONPATH with packages that cannot live beside ours; skips where the index is missing."""
    folder, done = cache / "packages", cache / "done"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != lock_file.read_text():
            shutil.rmtree(folder, ignore_errors=True)
            command = [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
                *("--no-deps", "--require-hashes", "--target", str(folder), "-r", str(lock_file)),
            ]
            made = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
            if made.returncode != 0:
                pytest.skip(f"pip cannot install the witness {name}: {made.stderr.strip().splitlines()[-1][:200]}")
            done.write_text(lock_file.read_text())
    return folder
