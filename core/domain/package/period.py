"""All changes of a period as a package: the population, its gaps, a page to read, in one zip."""

from __future__ import annotations

from core.domain.package.clean import Cleaner
from core.domain.package.markup import Markup, code, document, html, section, table, when
from core.domain.package.package import Secrets
from core.domain.package.page import Readers
from core.domain.package.population import COLUMNS, Period, Population, as_csv, changes, commits, gaps
from core.domain.package.sources import Json
from core.domain.package.zipped import as_bytes, as_json, zipped

OF_COMMITS = ("version", "commit", "change", "by", "pull_request")
OF_GAPS = ("kind", "at", "what", "who")
CONTENTS = {"gaps": "Gaps", "changes": "Changes of production", "commits": "What they brought"}
README = """All changes of production in {words} that Release Bot knows of, to draw a sample from.

index.html               to read
changes.csv, .json       every deployment, roll-back and change of a flag in production
commits.csv, .json       every commit that went live, by release
gaps.csv, .json          what has no record or was done beside the bot
trail.json               the newest anchor of the record when this was made

The evidence of one release:  release-bot audit export VERSION --out FILE
Check this file:              python -I package_check.py FILE
"""


def of_period(found: Population, period: Period, secrets: Secrets, readers: Readers) -> bytes:
    """The zip; the same store makes the same bytes, for a period that has ended."""
    cleaner = Cleaner(secrets.known, secrets.hosts)
    made = {"changes": changes(found, period), "commits": commits(found, period), "gaps": gaps(found, period)}
    clean = {name: cleaner.data(rows) for name, rows in made.items()}
    files = {f"{name}.json": as_json(rows) for name, rows in clean.items()}
    columns = {"changes": COLUMNS, "commits": OF_COMMITS, "gaps": OF_GAPS}
    files |= {f"{name}.csv": as_bytes(as_csv(rows, columns[name])) for name, rows in clean.items()}
    files["anchor.json"] = as_json(found.trail)
    files["README.txt"] = README.format(words=period.words).replace("trail.json ", "anchor.json").encode()
    files["index.html"] = as_bytes(_page(clean, period, found, readers))
    about = {"about": period.name, "product": found.product, "removed_secrets": cleaner.count, "expired": {}}
    return zipped(files, about)


def _page(made: dict[str, list[Json]], period: Period, found: Population, readers: Readers) -> str:
    title = f"Changes of production, {period.words}"
    counted = f"{len(made['changes'])} changes, {len(made['commits'])} commits, {len(made['gaps'])} gaps."
    bad = " bad" if made["gaps"] else ""
    head = Markup(
        f'<h1>{html(title)}</h1><p class="sub">{html(found.product)}, {when(period.start)} to {when(period.end)}</p>'
        f'<div class="lead{bad}"><p>{html(counted)}</p></div>'
    )
    rows = [
        (when(c["deployed_at"]), c["version"], c["type"], c["change"], c["state"], _people(c["approved_by"], readers),
         readers.who(c["deployed_by"]), c["tests"], c["overrides"], code(c["record"]))
        for c in made["changes"]
    ]  # fmt: skip
    names = ("When", "Version", "Type", "What", "State", "Approved by", "Deployed by", "Tests", "Overrides", "Record")
    body = [
        section(
            "gaps",
            CONTENTS["gaps"],
            table(
                ("When", "Kind", "What", "Who"),
                ((when(g["at"]), g["kind"], g["what"], readers.who(g["who"])) for g in made["gaps"]),
            ),
            empty="None: every change that the bot knows of has its record.",
        ),
        section("changes", CONTENTS["changes"], table(names, rows), empty="Production did not change."),
        section(
            "commits",
            CONTENTS["commits"],
            table(
                ("Version", "Commit", "Change", "By", "Pull request"),
                (
                    (c["version"], code(c["commit"][:12]), c["change"], c["by"], c["pull_request"])
                    for c in made["commits"]
                ),
            ),
            empty="Nothing went live.",
        ),
    ]
    return document(title, head, CONTENTS, body)


def _people(told: str, readers: Readers) -> str:
    """`U1 (qa)` with the person's name."""
    named = (part.partition(" ") for part in told.split("; ") if part)
    return "; ".join(f"{readers.who(person)} {readers.titles.get(role.strip('()'), role)}" for person, _, role in named)
