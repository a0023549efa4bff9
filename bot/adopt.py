"""Start on a running product: its tags are read, and what production runs is recorded, once."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.policy import Product
from core.domain.repository import RemoteState
from core.domain.versions import Version
from core.errors import Blocker, NotFound, Refused
from core.usecases.context import Context
from core.usecases.environment import adopt as record


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
    released = sorted(v for v in map(Version.maybe, remote.tags) if v is not None and not v.rc)
    if not released:
        raise NotFound("the repository has no version tag such as v1.2.2; tag what production runs, then adopt it")
    number = Version.parse(version) if version else released[-1]
    if number not in released:
        near = ", ".join(v.tag for v in released[-3:])
        raise NotFound(f"the repository has no tag {number.tag}; its newest are {near}", version=str(number))
    before = [v for v in released if v < number]
    previous = str(before[-1]) if before else ""
    sha = remote.tags[number.tag]
    policy = await ctx.policy()
    if policy.product.main not in remote.heads:
        raise Refused([Blocker("git.branch_missing", {"branch": policy.product.main})], asked="adopt")
    await record(
        ctx, actor, live=(str(number), sha), before=(previous, remote.tags[f"v{previous}"] if previous else "")
    )
    return Adopted(str(number), sha, previous, len(released), tuple(_notes(policy.product, remote, released, number)))


def _notes(product: Product, remote: RemoteState, released: list[Version], number: Version) -> list[str]:
    """What a person should know before the first release."""
    notes, develop, main = [], product.develop, product.main
    if develop and develop not in remote.heads:
        notes.append(
            f"the policy says that work is done on {develop}, but the repository has no such branch: "
            f'write develop = "" to work on {main}, or push {develop}'
        )
    if not develop:
        notes.append(f"without a develop branch the scope of a release is read from {main}")
    if released[-1] > number:
        notes.append(f"{released[-1].tag} is newer than what production runs; its number is taken")
    if remote.tags[number.tag] != remote.heads[main]:
        notes.append(f"{main} has commits beyond {number.tag}: they are named as drift until a release contains them")
    return notes
