"""The policy's table about flags: what it says by itself, and what it refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.domain.policy_flags import FlagRules
from tests.core.domain.world import policy


def test_without_a_table_flags_live_two_releases_and_roll_out_in_three_steps() -> None:
    assert FlagRules() == policy().flags
    assert (FlagRules().lifetime, FlagRules().steps) == (2, (10, 25, 100))
    assert {"release_manager"} <= set(policy().permissions["flag_change"]) & set(policy().permissions["flag_agree"])


@pytest.mark.parametrize("wrong", [{"steps": [25, 10]}, {"steps": []}, {"steps": [101]}, {"lifetime": 0}, {"days": 3}])
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FlagRules.model_validate(wrong)
