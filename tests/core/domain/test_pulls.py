"""Numbers of pull and merge requests in what hosts write into commits."""

from __future__ import annotations

import pytest

from core.domain.pulls import pull_number


@pytest.mark.parametrize(
    ("subject", "body", "number"),
    [
        ("Tidy up lease model (#331)", "", 331),
        ("Make the dashboard clearer on phones (AA-151) (#335)", "", 335),
        ("fix: x (!12)", "", 12),
        ("Merge pull request #332 from feature/AA-156-statements", "feat: statements", 332),
        ("Merged in fix/x (pull request #7)", "", 7),
        ("Merge branch 'x' into 'main'", "Fix x\n\nSee merge request team/app!44", 44),
        ("Revert \"fix: x (#12)\"", "", None),
        ("Reverts #12 because of #13", "", None),
        ("fix: x (#12) and more", "", None),
        ("fix: x (#0)", "", None),
        ("fix: x (#12345678901)", "", None),
        ("fix: x", "Merge pull request #9 from y", None),
        ("Talk about merge request team/app!44", "We saw See merge request team/app!44 here", None),
        ("", "", None),
    ],
)  # fmt: skip
def test_a_pull_number_is_what_the_host_wrote_and_not_a_mention(subject, body, number):
    assert pull_number(subject, body) == number
