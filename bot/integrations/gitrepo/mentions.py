"""Where the files of a commit name something: `git grep` over the clone, with no check-out."""

from __future__ import annotations

from collections.abc import Sequence

from bot.integrations.gitrepo.process import Git
from core.domain.flags.in_code import Place, Places, names_in

MOST_LINES, LONGEST_LINE = 5_000, 500
NOTHING_FOUND = 1  # the exit code of git grep


def mentions(git: Git, sha: str, names: Sequence[str]) -> Places:
    """Lines by name, in the order of the tree; what is beyond the bounds is left out. Git looks for words, so that a
    flag `id` does not fill them with every line that has these letters."""
    asked = "".join(f"{name}\n" for name in names).encode()
    args = ("grep", "-I", "-n", "-z", "-F", "-w", "-f", "-", "--full-name", sha, "--")
    out = git.read(*args, stdin=asked, codes=(0, NOTHING_FOUND)).out
    found: dict[str, list[Place]] = {}
    for line in out.decode("utf-8", "replace").split("\n")[:MOST_LINES]:
        where, _, rest = line.partition("\0")
        number, _, text = rest.partition("\0")
        path = where.removeprefix(f"{sha}:")
        if not number.isdigit():
            continue  # a file with line ends of its own
        for name in names_in(text, names):
            found.setdefault(name, []).append(Place(path, int(number), text[:LONGEST_LINE]))
    return {name: tuple(places) for name, places in found.items()}
