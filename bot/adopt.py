"""Start on a running product: its tags are read, and what production runs is recorded, once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.integrations.gitrepo.names import printable
from core.domain.policy import Product
from core.domain.repository import RemoteState
from core.domain.versions import Version, foreign, released
from core.errors import Blocker, NotFound, Refused
from core.usecases.context import Context
from core.usecases.environments import adopt as record

SHOWN = 8  # names in one line


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was found and recorded."""

    version: str
    sha: str
    previous: str
    tags: int
    notes: tuple[str, ...]


async def adopt(ctx: Context, actor: str, version: str | None = None) -> Adopted:
    """Record that production runs `version` (the newest released tag when none is named).

    Raises NotFound when there is no such tag, Refused when production is known already.
    """
    remote = await ctx.repository.look(0.0)
    tags = released(remote.tags)
    if not tags:
        raise NotFound("the repository has no version tag such as v1.2.2; tag what production runs, then adopt it")
    number = Version.parse(version) if version else max(tags)
    if number not in tags:
        near = ", ".join(list(tags.values())[-3:])
        raise NotFound(f"the repository has no tag {number.tag}; its newest are {near}", version=str(number))
    before = max((v for v in tags if v < number), default=None)
    previous = (str(before), remote.tags[tags[before]]) if before else ("", "")
    sha = remote.tags[tags[number]]
    policy = await ctx.policy()
    if policy.product.main not in remote.heads:
        raise Refused([Blocker("git.branch_missing", {"branch": policy.product.main})], asked="adopt")
    await record(ctx, actor, live=(str(number), sha), before=previous)
    notes = _notes(policy.product, remote, max(tags), (number, sha))
    return Adopted(str(number), sha, previous[0], len(tags), tuple(notes))


def _notes(product: Product, remote: RemoteState, newest: Version, live: tuple[Version, str]) -> list[str]:
    """What a person should know before the first release."""
    notes, develop, main = [], product.develop, product.main
    number, sha = live
    if develop and develop not in remote.heads:
        notes.append(
            f"the policy says that work is done on {develop}, but the repository has no such branch: "
            f'write develop = "" to work on {main}, or push {develop}'
        )
    if not develop:
        notes.append(f"without a develop branch the scope of a release is read from {main}")
    if newest > number:
        notes.append(f"{newest.tag} is newer than what production runs; its number is taken")
    if sha != remote.heads[main]:
        notes.append(f"{main} has commits beyond {number.tag}: they are named as drift until a release contains them")
    if others := foreign(remote.tags):
        shown = ", ".join(printable(tag, 40) for tag in others[:SHOWN])
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        notes.append(f"tags that are not written like {number.tag} are left alone: {shown}{more}")
    return notes
