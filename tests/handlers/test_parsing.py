"""The grammar behind /release."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import dates
from handlers.parsing import Typed, parse, written
from handlers.words import BY_WORD, DATE, KIND, SHA, VERSION, WORDS

NOW = datetime(2026, 12, 14, 15, 2, tzinfo=UTC)  # Monday, 10:02 Eastern
ZONE = "America/New_York"


def read(text: str) -> Typed:
    return parse(text, NOW, ZONE)


def test_nothing_and_unknown_words() -> None:
    assert read("") == Typed()
    found = read("Aprove 1.3.0")
    assert found.word is None and found.first == "Aprove" and found.rest == "1.3.0"


@pytest.mark.parametrize(
    "text", ["approve 1.3.0 8f3c2ab as qa", "APPROVE as QA v1.3 8f3c2ab", "sign 8f3c2ab 1.3.0 as qa lead"]
)
def test_in_any_order_that_is_clear(text: str) -> None:
    found = read(text)
    assert (found.word, found.version, found.sha, found.role) == (BY_WORD["approve"], "1.3.0", "8f3c2ab", "qa")


def test_the_rest_is_the_reason_in_its_own_case() -> None:
    found = read("hold 1.3.0 Waiting for the Bank")
    assert (found.version, found.reason) == ("1.3.0", "Waiting for the Bank")
    assert read("hold major outage").reason == "major outage"
    assert read("freeze early: office move").reason == "office move"


def test_a_version_inside_the_reason_stays_text_and_one_at_the_end_names_the_release() -> None:
    found = read("depends billing-api 2.4 <@U0DANA|dana>")
    assert (found.versions, found.reason, found.people) == ((), "billing-api 2.4", ("U0DANA",))
    found = read("concern search is slow on v1.3.0")
    assert (found.version, found.reason) == ("1.3.0", "search is slow on v1.3.0")


def test_a_mention_in_a_reason_becomes_a_name() -> None:
    assert read("hold ask <@U0DANA|dana> first").reason == "ask @dana first"


def test_start_with_kind_version_people_and_words() -> None:
    found = read("start hotfix 1.2.2 <@U0THEO|theo> payments fail")
    assert (found.kind, found.version, found.people, found.reason) == ("hotfix", "1.2.2", ("U0THEO",), "payments fail")


@pytest.mark.parametrize("text", ["99 dec", "2026-13-40", "31 feb x", "25:99", "ma", "0 jan"])
def test_what_is_no_date_stays_text(text: str) -> None:
    found = read(f"move 1.3.0 {text}")
    assert found.when is None and found.reason == text


def test_next_and_last_name_releases() -> None:
    assert read("why next").version == "next"
    assert read("audit last").version == "last"


def test_a_commit_of_letters_alone_is_one_where_no_words_can_follow() -> None:
    assert read("approve 1.3.0 deadbee").sha == "deadbee"
    kept = read("reject 1.3.0 defaced photos")
    assert (kept.sha, kept.reason) == ("", "defaced photos")


def test_diff_takes_two_versions() -> None:
    assert read("diff 1.2.2 v1.3.0-rc.2").versions == ("1.2.2", "1.3.0-rc.2")


@given(st.text(max_size=300))
def test_nothing_that_is_typed_makes_it_fail(text: str) -> None:
    found = parse(text, NOW, ZONE)
    assert len(found.reason) <= 4000


@given(st.sampled_from(WORDS), st.text(max_size=200))
def test_nothing_behind_a_word_makes_it_fail(word, text: str) -> None:  # type: ignore[no-untyped-def]
    found = parse(f"{word.word} {text}", NOW, ZONE)
    assert found.word == word


versions = st.builds("{}.{}.{}".format, *[st.integers(0, 99)] * 3)
plain_words = st.lists(
    st.sampled_from(["payments", "fail", "the", "bank", "isn't", "über", "(really)"]), min_size=1, max_size=5
)


@given(st.data(), st.sampled_from([w for w in WORDS if VERSION in w.takes]))
def test_what_is_written_reads_back_as_the_same(data, word) -> None:  # type: ignore[no-untyped-def]
    """The buttons that run a line say the same as the line."""
    typed = Typed(
        first=word.word,
        word=word,
        versions=(data.draw(versions),),
        kind=data.draw(st.sampled_from(["", "minor", "hotfix"])) if KIND in word.takes else "",
        sha="8f3c2ab" if SHA in word.takes and data.draw(st.booleans()) else "",
        when=dates.When(
            data.draw(st.dates(date(2026, 1, 1), date(2030, 1, 1))), data.draw(st.sampled_from([None, time(9, 30)]))
        )
        if DATE in word.takes and data.draw(st.booleans())
        else None,
        item="tests.regression" if "item" in word.takes else "",
        reason=" ".join(data.draw(plain_words)) if "reason" in word.takes else "",
    )
    assert parse(written(typed), NOW, ZONE) == typed


@given(st.text(max_size=40), st.sampled_from(["America/New_York", "Asia/Kolkata", "UTC"]))
def test_a_date_always_gives_an_instant(text: str, zone: str) -> None:
    when, used = dates.read(text.split(), NOW, zone)
    assert (when is None) == (used == 0)
    if when:
        assert when.instant(zone).tzinfo is not None


def test_two_words_that_belong_together() -> None:
    found = read("Scope Add #345 the export")
    assert (found.word, found.refs, found.reason) == (BY_WORD["scope add"], ("#345",), "the export")
    assert read("scope").word is BY_WORD["scope"] and read("scope drop").word is BY_WORD["scope drop"]
    assert read("scope addition").word is BY_WORD["scope"]


@pytest.mark.parametrize(
    ("text", "refs", "reason"),
    [
        ("scope add #345 #346, AA-171", ("#345", "#346", "AA-171"), ""),
        ("scope add aa-171 statements", ("AA-171",), "statements"),
        ("scope add <#C0123|345>", ("#345",), ""),
        ("scope drop #345 8f3c2ab is broken", ("#345", "8f3c2ab"), "is broken"),
        ("accept 1.3.0 #345 8f3c2ab fixes it", ("#345",), "8f3c2ab fixes it"),
        ("accept main a hot patch", (), "main a hot patch"),
        ("where 8f3c2ab", ("8f3c2ab",), ""),
        ("where aa-171", ("AA-171",), ""),
        ("where #42 <!channel>", ("#42",), "<!channel>"),
        ("classify #331 covid-19 lists", ("#331",), "covid-19 lists"),
    ],
)
def test_what_a_release_holds_by_name(text: str, refs: tuple[str, ...], reason: str) -> None:
    found = read(text)
    assert (found.refs, found.reason) == (refs, reason)


@pytest.mark.parametrize(
    ("text", "reason", "people", "day"),
    [
        ("depends on billing-api 2.4 <@U0DANA|dana> 9 dec", "billing-api 2.4", ("U0DANA",), date(2027, 12, 9)),
        ("depends on billing-api 2.4.0 <@U0DANA> due 20 dec", "billing-api 2.4.0", ("U0DANA",), date(2026, 12, 20)),
        ("depends billing-api by 20 dec", "billing-api", (), date(2026, 12, 20)),
        ("depends on 2.4.0 of billing", "2.4.0 of billing", (), None),
        ("depends on <https://example.com/a|a> <@U0DANA>", "https://example.com/a", ("U0DANA",), None),
        ("depends on review by legal", "review by legal", (), None),
        ("depends 1.3.0 on the sat api", "the sat api", (), None),
    ],
)
def test_a_dependency_with_owner_and_day(text: str, reason: str, people: tuple[str, ...], day: date | None) -> None:
    found = read(text)
    assert (found.reason, found.people) == (reason, people)
    assert (found.when.day if found.when else None) == day
    assert found.version == ("1.3.0" if "1.3.0" in text else "")
@pytest.mark.parametrize(
    ("line", "token"),
    [
        ("hold 1.3.O waiting", "1.3.O"),
        ("hold v1.3.l waiting", "v1.3.l"),
        ("cancel 1,3,0 scope fell apart", "1,3,0"),
        ("hold 1.3O waiting", "1.3O"),
        ("candidate 1.3.0.", ""),
        ("hold 1.3.0: waiting", ""),
        ("status v1.3x", "v1.3x"),
        ("why 1..3.0", "1..3.0"),
        ("diff 1.2.2 1.3.O", "1.3.O"),
        ("hold 1.5h without power", ""),
        ("incident 10.0.0.1 is down", ""),
        ("hold 2.5 of 3 people are ill", ""),
        ("hold 1.3.0 1.3.O is a slip", ""),
        ("concern 500 errors since 9.30", ""),
        ("depends on billing-api 2.4.x @dana", ""),
    ],
)
def test_what_looks_like_a_version_and_is_none_is_not_taken_for_words(line: str, token: str) -> None:
    assert read(line).mistyped == token
