#!/usr/bin/env python3
"""Runs the smoke tests of the policy: ./scripts/smoke_test.py --environment=production (calls `release-bot smoke`)."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NOT_INSTALLED = 3


def main() -> None:
    """Become `release-bot smoke`; exit code 3 where the bot is not installed."""
    root = Path(__file__).resolve().parent.parent
    installed = root / ".venv/bin/release-bot"
    bot = str(installed) if os.access(installed, os.X_OK) else shutil.which("release-bot")
    if bot is None:
        print(f"release-bot is not installed: run 'make setup' in {root} first.", file=sys.stderr)
        sys.exit(NOT_INSTALLED)
    os.environ.setdefault("RELEASE_POLICY", str(root / "release_policy.toml"))
    os.environ.setdefault("DATA_DIR", str(root / "data"))
    os.execv(bot, [bot, "smoke", *sys.argv[1:]])


if __name__ == "__main__":
    main()
