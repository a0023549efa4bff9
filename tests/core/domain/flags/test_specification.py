"""Every SDK gives these answers: a few cases of our own that always run, and Unleash's own suite whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.domain.flags.specification import answer, cases
from tests.plugins.witnesses import from_npm

HERE = Path(__file__).parent


@pytest.mark.parametrize("case", list(cases(HERE / "own")), ids=lambda case: case.says)
def test_our_own_cases(case) -> None:  # type: ignore[no-untyped-def]
    assert answer(case) == case.wanted


def test_unleash_s_specification_whole(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    cache = getattr(request.config, "cache", None)
    folder = Path(cache.mkdir("unleash-specification-6.1.0")) if cache else tmp_path
    found = list(cases(from_npm(HERE / "witness", folder, "@unleash/client-specification") / "specifications"))
    wrong = [f"{c.file}: {c.says}: {told}" for c in found if (told := answer(c)) != c.wanted]
    assert not wrong
    assert len(found) == 279
