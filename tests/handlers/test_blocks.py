"""The one builder holds our limits whatever it is given; the writing keeps foreign text harmless."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.writing import (
    cut,
    date_token,
    in_words,
    lasted,
    listed,
    plain,
    quoted,
    said,
    short_sha,
    spoken,
    who,
    with_code,
    zone_name,
)
from tests.handlers.layout import HOSTILE, check_form, check_markup, check_message

FACTS = {"zone": "America/New_York", "names": {"U0MIRA": "Mira"}}
anything = st.text(max_size=2500)
lines = st.lists(st.text(max_size=300), max_size=40).map("\n".join)


@given(anything)
def test_foreign_text_is_never_markup(text: str) -> None:
    for made in (said(text), quoted(text, 400)):
        check_markup(made)
        assert "*" not in made and "`" not in made and "~" not in made and "\n" not in made
        assert "&" not in made.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert len(plain(text, 80)) <= 80


def test_hostile_words_by_example() -> None:
    assert plain("✅ approved ⚠️ by all") == "approved by all"
    made = said(HOSTILE, 200)
    assert "&lt;!channel&gt;" in made and "<@U0MIRA>" not in made
    assert ":tada:" not in made and "\u202e" not in made
    assert said("use_snake_case") == "use_snake_case" and not said("_shout_").startswith("_")


@given(lines, st.integers(40, 1500))
def test_what_does_not_fit_is_cut_at_a_line_with_a_count(text: str, limit: int) -> None:
    made = b.fit(text, limit)
    assert len(made) <= limit
    assert made == text or "more" in made or made.endswith("…")


@given(
    st.lists(
        st.tuples(st.sampled_from(["section", "context", "header", "actions", "fields", "divider"]), anything),
        max_size=40,
    )
)
def test_no_message_can_pass_the_limits(parts: list[tuple[str, str]]) -> None:
    made = []
    for kind, text in parts:
        safe = said(text, 2000)
        if kind == "section":
            made.append(b.section(safe, "same", b.button(text, "open", text, primary=True)))
        elif kind == "context":
            made.append(b.context(safe, safe))
        elif kind == "header":
            made.append(b.header(text))
        elif kind == "fields":
            made.append(b.fields([(said(text), safe)] * 9))
        elif kind == "actions":
            made.append(
                b.actions(*[b.button(text, "same", text, primary=True, confirm=b.confirm(text, text, text, text))] * 7)
            )
        else:
            made.append(b.divider())
    message = b.message("This is a full sentence about something.", *made)
    check_message(message, foreign=True)


@given(anything, st.lists(anything, min_size=1, max_size=120, unique=True))
def test_no_form_can_pass_slacks_limits(text: str, many: list[str]) -> None:
    choices = [(t, f"v{n}") for n, t in enumerate(many)]
    check_form(
        inputs.form(
            text or "x",
            "verb",
            "",
            [
                inputs.text("a", text or "x", lines=True, initial=text, hint=text),
                inputs.select("b", "B", choices, initial="v0"),
                inputs.checks("c", "C", choices, chosen=["v1"]),
                inputs.radio("d", "D", [(said(t) or "x", v) for t, v in choices]),
                inputs.person("e", "E"),
                inputs.day("f", "F"),
                inputs.clock("g", "G"),
            ],
            submit=text or "Send",
        ),
        foreign=True,
    )


def test_only_the_first_coloured_button_stays_coloured() -> None:
    made = b.message(
        "Two things wait.",
        b.actions(b.button("A", "a", primary=True)),
        b.section("x", accessory=b.button("B", "b", primary=True)),
    )
    assert [made.blocks[0]["elements"][0].get("style"), made.blocks[1]["accessory"].get("style")] == ["primary", None]


def test_dates_people_and_numbers() -> None:
    at = datetime(2026, 12, 16, 15, 0, tzinfo=UTC)
    assert date_token(FACTS, at) == "<!date^1797433200^{date_short_pretty} at {time}|16 Dec 2026, 10:00 Eastern>"
    assert in_words(FACTS, at) == "Wed 16 Dec 2026, 10:00 Eastern"
    assert in_words(FACTS, None) == "a date that is not set"
    assert zone_name("Europe/Berlin") == "Berlin time"
    assert [lasted(s) for s in (40, 250, 3 * 3600 + 300, 2 * 86400)] == ["40 s", "4 min 10 s", "3 h 5 min", "2 days"]
    assert listed(["a", "b", "c", "d"], "and", 2) == "a, b and 2 more"
    assert short_sha("8f3c2ab9999") == "8f3c2ab"
    assert cut("one two three four", 11) == "one two…"
    assert spoken("*Hi* <@U0MIRA>, at " + date_token(FACTS, at), FACTS) == "Hi Mira, at 16 Dec 2026, 10:00 Eastern"


def test_what_stands_between_backticks_stays_code_and_nothing_else_becomes_it() -> None:
    assert with_code("adds table `saved_search`, drops `a*b`") == "adds table `saved_search`, drops `a∗b`"
    assert with_code("one ` alone") == "one ˋ alone"
    check_markup(with_code(f"`{HOSTILE}`", 90))


def test_a_person_whom_the_policy_does_not_name_is_named_by_slack() -> None:
    assert (who(FACTS, "U0MIRA"), who(FACTS, "U0JO"), who(FACTS, "")) == ("Mira", "<@U0JO>", "somebody")
