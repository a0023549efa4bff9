"""The shapes that the edge and the handlers share."""

from __future__ import annotations

from handlers.request import Answer, Form
from sandbox.workspace.checks.views import checked_view


def test_a_form_becomes_a_modal() -> None:
    view = Form("Hold v1.3.0", [{"type": "divider"}], "hold", "1||7|C1|", "Put on hold").view()
    checked_view(view, ("modal",))
    assert (view["callback_id"], view["private_metadata"], view["submit"]["text"]) == (
        "hold",
        "1||7|C1|",
        "Put on hold",
    )


def test_a_form_that_only_tells_has_nothing_to_send() -> None:
    view = Form("Done", [{"type": "divider"}], "told", close="Close").view()
    assert "submit" not in view and view["close"]["text"] == "Close"


def test_an_answer_is_empty_until_it_says_something() -> None:
    assert Answer() == Answer(private=None, form=None, errors={}, replace=False, home=False, in_thread=None)
