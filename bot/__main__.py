"""The command line: `release-bot`, also `python -m bot`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one command; a mistake in words is exit code 2."""
    from core import failpoints

    failpoints.configure(os.environ)
    from bot.cli import make_cli

    make_cli()(prog_name="release-bot" if sys.argv[0].endswith("release-bot") else "python -m bot")


if __name__ == "__main__":
    main()
