"""A product's history as teams make it: pull requests in all three ways, reverts, tags, files that differ."""

from __future__ import annotations

from pathlib import Path

from tests.core.domain.notes.story import Story, labelled, merged

PER_TAG = 250  # pull requests between two versions

_TEXT = """Tenants told us that the page shows last month when they open it on the first of a month, because the period
is kept in the session. It is now worked out from the lease each time, and kept only while the page is open.

Tried by hand on staging with three leases, and with the new test. Screenshots are in the ticket.

Refs AA-{n}

"""  # about what people write
_ROUTES = '@router.get("/units/{n}")\nasync def units_{n}(page: int = 1) -> list[str]:\n    return []\n'
_READS = 'import os\n\nLIMIT = int(os.environ.get("LIMIT_{n}", "{v}"))\n\n\n'
_WORK = "".join(
    f'def work_{k}(lease: Lease, months: int, share: float = {k}) -> Money:\n    """What is due for {k} months."""\n'
    "    parts = [part for part in lease.parts if part.month <= months]\n"
    f"    return sum(parts, start=Money(0)) * share + {k}\n\n\n"
    for k in range(20)
)
PARTS, ROUTES = 400, 80


def _part(number: int, state: int) -> str:
    """About 4 kB of Python, one file in five with a variable of the environment."""
    head = f'"""Part {number} of the product."""\n\nSTATE = {state}\n'
    return head + (_READS.format(n=number, v=state) if number % 5 == 0 else "") + _WORK


def product(path: Path, versions: int) -> tuple[Story, list[int]]:
    """A repository with `versions` tags (v1.1.0 and on), the last on its head, and these as marks, oldest first."""
    story = Story(path)
    files = {f"app/part{n}.py": _part(n, 0) for n in range(PARTS)}
    files |= {f"app/routes{n}.py": _ROUTES.replace("{n}", str(n)) + _WORK for n in range(ROUTES)}
    at = story.commit([], "Begin", files=files)
    rows, marks = [*labelled("labelled.tsv"), *labelled("labelled_held.tsv")], []
    for number in range(1, versions * PER_TAG + 1):
        at, _ = merged(story, at, number, rows[number * 7 % len(rows)], _TEXT.format(n=number))
        if number % 10 == 0:
            parts = [(number + 31 * k) % PARTS for k in range(8)]
            change = {f"app/part{part}.py": _part(part, number) for part in parts}
            at = story.commit([at], f"feat: limits of part {number % PARTS}", files=change)
        if number % 40 == 0:
            at = story.commit([at], f'Revert "feat: limits of part {number % PARTS}"')
        if number % PER_TAG == 0:
            marks.append(at)
            story.tag(f"v1.{number // PER_TAG}.0", at)
    story.branch("main", at)
    story.branch("develop", at)
    story.tell()
    return story, marks
