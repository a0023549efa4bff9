"""`python -m core.domain.diagram` writes docs/lifecycle.md; with `gates` (policy on stdin) or a name, that page."""

from __future__ import annotations

import sys

from core.domain.gates_page import gates_page
from core.domain.lifecycle_page import lifecycle_page
from core.domain.metrics.page import metrics_page
from core.domain.policy import parse_policy
from core.domain.reminders.page import reminders_page


def page(name: str, policy_text: str) -> str:
    """The text of a generated page. Raises LookupError for a page that is not generated."""
    if name == "lifecycle":
        return lifecycle_page()
    if name == "gates":
        return gates_page(parse_policy(policy_text))
    if name == "reminders":
        return reminders_page()
    if name == "metrics":
        return metrics_page()
    raise LookupError(f"there is no generated page {name!r}: lifecycle, gates, metrics or reminders")


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "lifecycle"
    sys.stdout.write(page(wanted, sys.stdin.read() if wanted == "gates" else ""))
