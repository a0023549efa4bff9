"""The shipped policy for tests that are not about deployment: the simulated host in every environment."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "release_policy.toml"
FIRST_OF_DEPLOYMENT = "\n# --- deployment"


@cache
def simulated_text() -> str:
    """The shipped text without its tables of deployment, which stand at its end; and without a pipeline no machine
    tells whether the version before runs on the database, so somebody signs that. Somebody signs for the
    retrospective too, where a test is not about it."""
    text = SHIPPED.read_text(encoding="utf-8").partition(FIRST_OF_DEPLOYMENT)[0] + "\n"
    by_hand = ('by = "schema"', 'by = "retrospective"')
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(by_hand))


@cache
def simulated() -> Path:
    """The same as a file, for a bot that reads one; it goes with this process."""
    folder = Path(tempfile.mkdtemp(prefix="release-policy-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "release_policy.toml").write_text(simulated_text(), encoding="utf-8")
    return folder / "release_policy.toml"
