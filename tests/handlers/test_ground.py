"""The facts that are about no release."""

from __future__ import annotations

from dataclasses import asdict

from handlers.ground import ground, holds
from tests.handlers.desk import Desk
from tests.handlers.story import MIRA, PRIYA


async def test_names_roles_and_groups_as_they_are_now(desk: Desk) -> None:
    known = await ground(desk.ctx)
    assert known["names"][PRIYA] == "Priya" and known["members"]["product_manager"] == [MIRA]
    assert known["zone"] == "America/New_York" and known["product"]["name"] == "Asset Anchor"
    assert known["links"] == asdict((await desk.ctx.policy()).all_links), "where and diff link commits too"
    assert holds(known, PRIYA, "train") and not holds(known, MIRA, "train")
