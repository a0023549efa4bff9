"""Released versions whose changes never arrived where work goes on: a back-merge that conflicted and was forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.domain.contents import Absent
from core.domain.policy import Policy
from core.ports import Repository

MOST_NAMED = 10


def written_by_us(policy: Policy) -> frozenset[str]:
    """The files that candidates are prepared in: their change alone is no change of the product."""
    return frozenset([policy.notes.changelog, *(path for path, _ in policy.notes.files)])


async def not_held(repository: Repository, head: str, shipped: Mapping[str, str]) -> dict[str, str]:
    """Those of the versions (number -> commit) whose commit is not in the history of `head`."""
    return {v: sha for v, sha in shipped.items() if sha and not await repository.contains(sha, head)}


async def absent_from(
    repository: Repository, head: str, shipped: Mapping[str, str], aside: Collection[str]
) -> tuple[Absent, ...]:
    """Those of the versions with changes that `head` has in no form: not merged, not picked, not made again.

    What touches nothing but the files `aside` (CHANGELOG, version files) is no change of the product. Raises
    IntegrationError when git cannot be read.
    """
    found = []
    for version, sha in (await not_held(repository, head, shipped)).items():
        read = await repository.read_range(head, sha)
        left = [c for c in read.commits if len(c.parents) < 2 and c.sha not in read.shipped]
        touched = await repository.touched([c.sha for c in left])
        left = [c for c in left if set(touched.get(c.sha, ())) - set(aside)]
        if left:
            found.append(Absent(version, tuple(f"{c.author[:60]}, “{c.subject[:100]}”" for c in left[:MOST_NAMED])))
    return tuple(found)
