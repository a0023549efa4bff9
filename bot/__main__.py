"""The command line: `release-bot`, also `python -m bot`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one command; a mistake in words is exit code 2."""
    from bot.collector import not_while_importing

    with not_while_importing():
        from bot.cli import make_cli
        from core import failpoints

        failpoints.configure(os.environ)
        cli = make_cli()
    cli(prog_name="release-bot" if sys.argv[0].endswith("release-bot") else "python -m bot")


if __name__ == "__main__":
    main()
