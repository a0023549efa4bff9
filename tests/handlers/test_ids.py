"""What buttons and forms carry reads back, whatever it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handlers import ids
from handlers.views import blocks as b

anything = st.text(max_size=2500)


@given(st.one_of(st.none(), st.integers(0, 10**15)), anything, anything)
def test_a_buttons_value_reads_back(release: int | None, item: str, subject: str) -> None:
    found = ids.read(ids.value(release, item, subject))
    assert found.release == release
    assert item.encode("utf-8", "replace").decode().startswith(found.item)
    verb, again = ids.read_option(ids.option("tick", release, item, subject))
    assert verb == "tick" and again.release == release
    assert len(ids.option("freeze", release, item, subject)) <= 150


@given(anything)
def test_unreadable_values_are_empty_and_never_fail(text: str) -> None:
    ids.read(text)
    ids.read_option(text)
    ids.read_metadata(text)


@given(anything, anything, anything)
def test_a_forms_memory_reads_back(item: str, channel: str, extra: str) -> None:
    target, where, word = ids.read_metadata(ids.metadata(ids.Target(7, item[:50], "s"), channel[:40], extra[:60]))
    assert (target.release, target.subject) == (7, "s")
    assert where == channel[:40].encode("utf-8", "replace").decode()
    assert word == extra[:60].encode("utf-8", "replace").decode()


def test_a_number_keeps_an_action_id_unique_and_is_not_its_verb() -> None:
    made = b.actions(b.button("v1.3.0", "run", "a"), b.button("v1.4.0", "run", "b"))
    assert [e["action_id"] for e in made["elements"]] == ["run", "run.1"]
    assert ids.verb_of("run.1") == "run" and ids.verb_of("flag_off") == "flag_off"
