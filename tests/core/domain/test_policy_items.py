"""An item that nothing could meet, or a test that no item asks for, is a fault of the policy with its place."""

from __future__ import annotations

import pytest

from core.domain.policy_items import item_faults, unmet_tests
from core.domain.policy_parts import SignOff
from core.domain.release import ReleaseType
from tests.core.domain.world import policy


@pytest.mark.parametrize(("changed", "fault"), [
    ({"met": "evidence", "by": "horoscope"}, "must name a known kind of evidence"),
    ({"met": "automatic", "by": "luck"}, "must name a known rule"),
    ({"met": "sign-off", "by": "automated"}, "must name a known way to meet a sign-off"),
    ({"met": "evidence", "by": "automated", "gate": "close"}, "because evidence is about a candidate"),
    ({"met": "evidence", "by": "automated", "subject": "release"}, "because evidence is about one commit"),
    ({"met": "automatic", "by": "backup", "gate": "ready"}, "for the rule backup"),
])  # fmt: skip
def test_an_item_that_nothing_could_meet_is_a_fault_of_the_policy(changed: dict[str, str], fault: str) -> None:
    item = SignOff(**{"title": "The stars are right", "role": "qa", "gate": "ready", **changed})  # type: ignore[arg-type]
    odd = policy().model_copy(update={"signoffs": {**policy().signoffs, "stars": item}})
    found = list(item_faults(odd))
    assert len(found) == 1 and found[0][0][:2] == ("signoffs", "stars") and fault in found[0][1]


def test_a_test_of_a_type_needs_an_item_by_its_name_or_by_its_kind() -> None:
    assert not list(unmet_tests(policy(), ReleaseType.MAJOR))
    left = {n: i for n, i in policy().signoffs.items() if n != "tests.regression"}
    ((path, words),) = unmet_tests(policy().model_copy(update={"signoffs": left}), ReleaseType.MINOR)
    assert path == ("types", "minor", "tests") and "'regression'" in words
    other = left | {"all.of.it": policy().signoffs["tests.regression"]}
    assert not list(unmet_tests(policy().model_copy(update={"signoffs": other}), ReleaseType.MINOR))
