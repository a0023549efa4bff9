"""What was released and is missing where work goes on: merged, picked and rewritten changes are not missed."""

from __future__ import annotations

from core.usecases.arrived import absent_from, not_held
from tests.scenarios.driver import Team

OUT = "refs/heads/out"


async def test_a_version_is_missed_until_its_change_is_there_in_any_form(play: Team) -> None:
    product, repository = play.product, play.app.ctx.repository
    product.branch("out", "main")
    product.commit("out", "CHANGELOG.md", "## [1.2.3]\n", author="Release Bot", subject="Prepare v1.2.3")
    kept = product.commit_of(OUT)
    fix = product.commit("out", "app/bank.py", "ROUND = 2\n", author="Ines", subject="fix: round to cents (AA-301)")
    shipped = {"1.2.2": product.commit_of("v1.2.2"), "1.2.3": product.commit_of(OUT), "1.2.4": ""}

    async def missed() -> list[tuple[str, tuple[str, ...]]]:
        remote = await repository.look(0.0)
        found = await absent_from(repository, remote.heads["develop"], shipped, {"CHANGELOG.md"})
        return [(one.version, one.changes) for one in found]

    assert await missed() == [("1.2.3", ("Ines, “fix: round to cents (AA-301)”",))]
    head = product.commit_of("refs/heads/develop")
    assert [*await not_held(repository, head, shipped)] == ["1.2.3"]
    assert await absent_from(repository, head, {"1.2.3": kept}, {"CHANGELOG.md"}) == (), "only the CHANGELOG"
    product.commit("develop", "app/bank.py", "ROUND = 2\n", author="Kim", subject="fix: the same by hand")
    assert await missed() == [], "the same change under another name"
    product.branch("develop", head)
    product.merge("develop", fix, {"app/bank.py": "ROUND = 2\n"}, author="Kim", message="Merge out")
    assert await missed() == []
