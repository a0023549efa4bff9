"""Who fills which role on one release: what was said about it, over what there is."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.release import Release

LEAD = "release_manager"  # its place on a release is the lead


def wanted_cast(release: Release, asked: object) -> dict[str, str]:
    """Role -> who shall fill it, the lead included. `asked` is a mapping; "" in it leaves a role to all its holders."""
    said = {str(r): str(p or "") for r, p in asked.items()} if isinstance(asked, Mapping) else {}
    cast = {**release.cast, LEAD: release.lead, **said}
    if not cast[LEAD]:
        cast[LEAD] = release.lead  # a release has a lead
    return {role: person for role, person in cast.items() if person}


def changed(release: Release, asked: object) -> dict[str, tuple[str, str]]:
    """The roles that another person fills from then on: (before, then)."""
    before, then = {**release.cast, LEAD: release.lead}, wanted_cast(release, asked)
    roles = dict.fromkeys((*before, *then))
    return {r: (before.get(r, ""), then.get(r, "")) for r in roles if before.get(r, "") != then.get(r, "")}
