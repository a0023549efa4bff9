"""Another system does not answer: which, and as of when what it told stands."""

from __future__ import annotations

from handlers.views.marks import LOOK
from handlers.views.writing import Facts, date_token

_WHO = {"host": "GitHub", "tracker": "Jira"}
_WHAT = {"host": "Milestone, pull requests and checks", "tracker": "Titles and states of issues"}
_WHY = {"denied": "{who} refuses my access", "rate": "{who} asks me to wait", "refused": "{who} refuses what I ask"}


def silent(facts: Facts) -> str:
    """`Titles and states of issues are as of 09:40; Jira does not answer`, a line for each; "" while all answer."""
    lines = []
    for one in facts.get("silent") or ():
        system = str(one["system"])
        why = _WHY.get(str(one.get("reason")), "{who} does not answer").format(who=_WHO[system])
        at = date_token(facts, one["since"])
        lines.append(f"{LOOK} {_WHAT[system]} are as of {at}; {why}")
    return "\n".join(lines)
