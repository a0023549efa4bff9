"""Notes and CHANGELOG as text: of a range, of a version with a release, and of one without."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.domain.changelog import EMPTY
from core.domain.notes.model import Heading
from core.domain.versions import Version
from core.errors import NotFound
from core.usecases.printing import changelog, of_range, of_version
from tests.scenarios.driver import POLICY, Team, team

TODAY = date(2026, 12, 1)  # of the play, in the policy's zone
NEXT = Version.parse("1.3.0")


async def test_a_range_bears_the_number_that_its_content_asks_for(play: Team) -> None:
    ctx, product = play.app.ctx, play.product
    out = await of_range(ctx, "v1.2.1..v1.2.2")
    assert (out.title, out.day, out.at) == ("1.2.2", TODAY, product.commit_of("v1.2.2")), "its end is a version"
    (fixed,) = out.notes.lines(Heading.FIXES)
    assert fixed.text.startswith("The fee follows the new contract")
    ahead = await of_range(ctx, "..develop")
    assert (ahead.title, ahead.notes.base) == ("1.3.0", product.commit_of("v1.2.2")), "something is new: a minor"
    same = await of_range(ctx, "v1.2.2...v1.2.2")
    assert same.notes.sections == {} and same.title == "1.2.2", "three dots are as good as two"
    nothing = await of_range(ctx, "v1.2.2..main")
    assert (nothing.title, nothing.notes.sections) == ("1.2.3", {})
    with pytest.raises(NotFound):
        await of_range(ctx, "v9.9.9..main")


async def test_a_version_has_the_words_that_people_wrote_and_the_day_it_leaves(play: Team) -> None:
    ctx = play.app.ctx
    drafted = await of_version(ctx, NEXT)
    assert drafted.day == TODAY, "nobody has started it, so it is what main has beyond the newest version"
    assert drafted.notes.sections == {}
    await play.says("priya", "start minor")
    facts = await play.facts("1.3.0")
    await play.writes(facts["id"], "#331", heading="Improvements", text="Leases are clearer")
    written = await of_version(ctx, Version.parse("v1.3.0-rc.1"))
    assert written.title == "1.3.0" and written.day.isoformat() == facts["departs_at"][:10] != TODAY.isoformat()
    assert "- Leases are clearer " in written.markdown() and "- Leases are clearer " in written.section()
    assert written.section().startswith(f"## [1.3.0] - {written.day}\n")


async def test_a_version_that_is_out_is_told_from_its_tag_and_the_one_before(play: Team) -> None:
    out = await of_version(play.app.ctx, Version.parse("1.2.2"))
    between = await of_range(play.app.ctx, "v1.2.1..v1.2.2")
    assert out.notes.sections == between.notes.sections != {} and out.at == between.at


async def test_a_long_text_is_cut_only_when_a_limit_is_given(play: Team) -> None:
    written = await of_range(play.app.ctx, "..develop")
    whole = written.markdown()
    assert len(written.markdown(400)) <= 400 < len(whole) and "did not fit" not in whole


async def test_the_section_stands_before_the_older_ones_of_the_same_file(play: Team) -> None:
    ctx = play.app.ctx
    await play.says("priya", "start minor")
    whole = await changelog(ctx, NEXT)
    assert whole.index("## [1.3.0]") < whole.index("## [1.2.2]")
    assert (await of_version(ctx, NEXT)).section().strip() in whole
    there = (await ctx.repository.files(play.product.commit_of("v1.2.2"), ["CHANGELOG.md"]))["CHANGELOG.md"]
    assert there is not None and there.strip().endswith(whole[whole.index("## [1.2.2]") :].strip())


@pytest.mark.parametrize("path", ["", "CHANGES.md"])
async def test_a_product_without_a_changelog_gets_its_first_or_keeps_none(tmp_path: Path, path: str) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.read_text().replace('changelog = "CHANGELOG.md"', f'changelog = "{path}"'))
    async with team(tmp_path, policy=policy) as play:
        if path:
            assert (await changelog(play.app.ctx, NEXT)).startswith(EMPTY), "as the candidate would begin it"
        else:
            with pytest.raises(NotFound, match="names no CHANGELOG"):
                await changelog(play.app.ctx, NEXT)
