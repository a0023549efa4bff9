"""The page `docs/metrics.md`: how each number is counted, from the table that counts it."""

from __future__ import annotations

from core.domain.lifecycle_page import MADE, table
from core.domain.metrics.definitions import METRICS
from core.domain.metrics.model import FEW, GROUPS, Unit
from core.domain.metrics.periods import FORMS, USUAL

UNITS: dict[Unit, str] = {
    "seconds": "duration: median, p90",
    "share": "share, with a 95 % interval",
    "count": "count for each release: median, p90",
    "percent": "percent for each release: median, p90",
    "per week": "mean per week",
    "per release": "mean per release",
}
HEAD = f"""# How is this counted?

{MADE.format(source="core/domain/metrics/definitions.py")}

The bot measures what it did itself: nobody fills in a form, and nothing is guessed from names of branches or
tags. Each number is computed by one function, beside the words below. `/release metrics [period]`, `release-bot
metrics [period]`, App Home, the digests and the status page all show the same ones.

A period is one of {FORMS};
left out, it is the {USUAL}. Its days are those of the product's zone. Not ended
yet, it is counted up to now. Numbers are for one product, or with `--train` for one of its trains; to compare
products by them says nothing.

## What keeps them honest

- **n** stands beside every number. **No data is never 0**: with nothing to look at there is no number.
- Below n = {FEW} there is no median and no percentile, only the values themselves.
- The **median** is the middle value, of an even number the mean of the two in the middle. **p90** is by nearest
  rank: the smallest value that nine of ten do not exceed.
- A rate has **Wilson's 95 % interval**, a median that of order statistics (from n = 6 on). A number is called
  more or less than before only when both intervals exclude each other; before is the same length of time that
  ends where the period begins.
- An end **before its beginning** is a fault of a clock: it is left out, and how many were is said.
- What a person dated (when an incident was detected) counts, and is marked as **estimated**.
- **One deployment is one**, however often a step of it was tried again. **A roll-back changes production too**,
  but is counted as a roll-back and not as a deployment; else every failure would add a success.
- Durations are by the clock on the wall, nights and weekends included.
- Each number names the releases behind it: of a rate those that are worth a look (the failed, the unreviewed,
  the overridden), else all that were looked at. A rehearsal is never among them.
"""
TAIL = """
## Where they come from

Each release writes three kinds of rows in the same unit of work that saves it: its deployments, the changes
that they brought, and what else it has to tell. They say nothing that record and trail do not say. `release-bot
doctor` makes all of them again and names each release whose rows differ; `release-bot metrics --rebuild` puts
them right. A store from before there were such rows gets them when the bot starts.

Without a host of the code nobody knows who reviewed a change, and the cycle time begins with the first commit.
A change whose history was squashed has one commit left, so its lead time is short and its cycle time tells
more.
"""


def metrics_page() -> str:
    """The whole page in Markdown."""
    lines = [HEAD]
    for group, title in GROUPS.items():
        found = [definition for definition, _ in METRICS if definition.group == group]
        rows = ((d.title, f"`{d.code}`", d.counts, UNITS[d.unit], d.reads) for d in found)
        lines += [f"## {title}", "", *table(("number", "code", "how it is counted", "shown as", "made of"), rows), ""]
    return "\n".join(lines) + TAIL.lstrip("\n")
