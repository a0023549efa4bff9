"""The areas of the policy that a range touches, and through which changes."""

from __future__ import annotations

from core.domain.notes.areas import areas, lies_in
from core.domain.notes.model import Area, Item

PATTERNS = {"payments": ("app/pay*", "*billing*"), "access": ("*/auth*",)}


def test_an_area_is_named_when_a_path_of_it_changed_with_the_changes_that_did_it() -> None:
    items = (Item("#1", "one", commits=("a", "b")), Item("#2", "two", commits=("c",)))
    touched = {"a": ("docs/x.md",), "b": ("app/pay/card.py",), "c": ("app/search.py",)}
    found = areas(PATTERNS, ("app/pay/card.py", "lib/billing.py", "app/search.py"), items, touched)
    assert found == (Area("payments", 2, ("app/pay/card.py", "lib/billing.py"), ("#1",)),)
    assert areas(PATTERNS, ("app/search.py",), items, touched) == () == areas({}, ("app/pay.py",))


def test_many_paths_are_counted_and_the_first_are_named() -> None:
    (one,) = areas(PATTERNS, [f"app/pay{n:03}.py" for n in range(300)] * 2)
    assert (one.files, len(one.paths), one.paths[0], one.items) == (300, 5, "app/pay000.py", ())


def test_letters_count_as_they_are_and_a_pattern_is_no_expression() -> None:
    assert not lies_in("app/Pay.py", ("app/pay*",)) and lies_in("app/pay+(x).py", ("app/pay+(x)*",))
