"""A change by its name: pull request, issue key, or the start of a commit."""

from __future__ import annotations

import pytest

from core.domain.notes.model import Item
from core.domain.notes.refs import matching, ref_of

ITEMS = (
    Item("#33", "Leases", pull=33, keys=("AA-17",), commits=("33aa11bb" * 5,)),
    Item("#331", "Deposits", pull=331, keys=("AA-171",), commits=("331aa11b" * 5,), closes=("#12",)),
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("33", "#33"), (" #33 ", "#33"), ("aa-17", "AA-17"), ("33AA11B", "33aa11b"), ("1234567", "1234567"),
     ("", ""), ("#0", ""), ("33aa1", ""), ("rent", ""), ("33; rm", "")],
)  # fmt: skip
def test_a_reference_as_it_is_kept(text: str, kept: str) -> None:
    assert ref_of(text) == kept


@pytest.mark.parametrize(
    ("ref", "meant"),
    [("#33", ["#33"]), ("#331", ["#331"]), ("AA-17", ["#33"]), ("331aa11", ["#331"]), ("#3", []), ("#12", ["#331"])],
)
def test_it_means_the_whole_number_or_key_and_the_start_of_a_commit(ref: str, meant: list[str]) -> None:
    assert [i.id for i in matching(ITEMS, ref)] == meant
