"""What is out: the versions that content must hold, and the commits that main may hold without anybody asking."""

from __future__ import annotations

from core.domain.release import Environment, ProductRecord

MOST = 20  # newest versions whose presence is looked at


def to_hold(product: ProductRecord, live: Environment) -> dict[str, str]:
    """Number -> commit of the newest versions, and of what production runs."""
    newest = dict(list(product.shipped.items())[-MOST:])
    return newest | ({live.version: live.sha} if live.version and live.sha else {})


def known(product: ProductRecord, live: Environment) -> list[str]:
    """Commits that explain what stands on main: of versions that are or were out, and what was answered for."""
    return _each_once([*product.shipped.values(), live.sha, live.previous_sha, *_accepted(product)])


def _accepted(product: ProductRecord) -> list[str]:
    """Commits on main that came by hand and that somebody answered for, with what main was then."""
    said = [x for x in product.strays.values() if x.kind == "main" and x.answered_by]
    return [sha for x in said for sha in (x.now, *x.commits)]


def _each_once(shas: list[str]) -> list[str]:
    return [sha for sha in dict.fromkeys(shas) if sha]
