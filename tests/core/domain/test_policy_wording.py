"""What is wrong in a policy is said in our words, where it stands and with what may stand there."""

from __future__ import annotations

import pytest

from tests.core.domain.test_policy import changed, faults


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("serial = 2", 'serial = "one"', 'serial: must be a whole number, and is "one"'),
        ("serial = 2", "serial = 0", "serial: must be at least 1, and is 0"),
        ("channel_posts = 6", "channel_posts = 600", "noise.channel_posts: must be at most 50, and is 600"),
        ('gate = "ready"', 'gate = "redy"', "gate: must be 'begin', 'ready', 'go', 'deployed', 'rollback' or 'close'"),
        ('slack = "U0PRIYA"', 'slack = "priya"', 'slack: must be a Slack id such as U0123ABCD, and is "priya"'),
        ('name = "Priya"', 'name = ""', "people.priya.name: must not be empty"),
        ("anchor = 2026-12-02", 'anchor = "someday"', "trains.main.anchor: must be a day such as 2026-12-02"),
        ("at = 10:00:00", 'at = "ten"', "trains.main.at: must be a time such as 10:00:00"),
        ('people = ["priya"]', 'people = "priya"', 'roles.release_manager.people: must be a list in brackets, such as'),
        ('emails = ["priya@asset-anchor.example"]', "emails = [3]", "people.priya.emails, entry 1: must be text in"),
        ("[roles.qa]", "[roles.tester]", "roles.tester: is not a known name here; known are 'release_manager'"),
        ('team = "releases"', 'team = "Our Channel"', "channels.team: must be a"),
        ('zone = "America/New_York"', 'zone = "Eastern"', "zone: 'Eastern' is no time zone of the IANA list"),
        ('country = "US"', 'country = "XX"', "trains.main.country: no holidays are known for 'XX'"),
        ('country = "US"', 'subdivision = "ZZ"\ncountry = "US"', "subdivision: 'ZZ' is no part of US"),
        ("anchor = 2026-12-02", "anchor = 2026-12-03", "anchor: 2026-12-03 is a Thursday, not a Wednesday"),
        (
            "[noise]",
            '[[freezes]]\nname = "year end"\nfirst = 2026-12-24\nlast = 2026-12-20\n\n[noise]',
            "freezes.0: 'year end' ends before it starts",
        ),
        ("[noise]", '[[freezes]]\nname = "Fridays"\nrule = "FREQ=WEEKLY"\n\n[noise]', "its rule names no day"),
        ('[people.priya]', '[people."P R"]', "people.P R: must be a short name"),
    ],
)
def test_a_wrong_entry_is_said_in_our_words_with_its_line(old: str, new: str, told: str) -> None:
    text = changed((old, new))
    found = faults(text)
    assert any(told in fault for fault in found), found
    said = " ".join(found).casefold()
    for foreign in ("input should", "should match pattern", "should have at least", "unable to", "pydantic", "validat"):
        assert foreign not in said, found
    first = next(fault for fault in found if told in fault)
    number = text[: text.index(new)].count("\n") + 1
    assert first.startswith(f"line {number}, "), first
