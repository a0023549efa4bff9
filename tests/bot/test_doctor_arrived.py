"""The doctor says which released versions develop does not have, and who wrote what is missing."""

from __future__ import annotations

from pathlib import Path

from bot.doctor_arrived import arrivals
from tests.scenarios.driver import team


async def test_what_never_arrived_is_named_with_what_to_do(tmp_path: Path) -> None:
    async with team(tmp_path) as play:
        policy = await play.app.ctx.policy()

        async def found() -> list[tuple[bool, str, str]]:
            return [(ok, said, todo) async for what, ok, said, todo in arrivals(play.app.ctx, policy)]

        assert await found() == [(True, "develop has what the released versions brought, 2 looked at", "")]
        play.product.branch("develop", "v1.2.1")
        ((ok, said, todo),) = await found()
        assert not ok and said.startswith("develop does not have what v1.2.2 brought: ") and "“" in said
        assert todo == "merge v1.2.2 into develop, by a pull request where it conflicts"
        play.product.delete("refs/heads/develop")
        assert await found() == [], "the check of the branch says that"
