#!/usr/bin/env python3
"""Runs the smoke tests of the policy: ./scripts/smoke_test.py --environment=production (calls `release-bot smoke`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NO_SUCH_COMMAND = 3


def main() -> int:
    """The exit code of `release-bot smoke`, or 3 where this version of the bot does not have it."""
    root = Path(__file__).resolve().parent.parent
    installed = root / ".venv/bin/release-bot"
    bot = str(installed) if os.access(installed, os.X_OK) else shutil.which("release-bot")
    if bot is None:
        print(f"release-bot is not installed: run 'make setup' in {root} first.", file=sys.stderr)
        return NO_SUCH_COMMAND
    os.environ.setdefault("RELEASE_POLICY", str(root / "release_policy.toml"))
    os.environ.setdefault("DATA_DIR", str(root / "data"))
    if subprocess.run([bot, "smoke", "--help"], capture_output=True, check=False).returncode != 0:
        print("This version of release-bot has no 'smoke' command. Nothing was done.", file=sys.stderr)
        return NO_SUCH_COMMAND
    return subprocess.run([bot, "smoke", *sys.argv[1:]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
