"""Refusals and faults become kind words."""

from __future__ import annotations

import pytest

from core.usecases import look
from tests.handlers.desk import Desk
from tests.handlers.play import said, started
from tests.handlers.story import DANA, ERIKA


async def test_a_fault_of_ours_becomes_a_reference_and_no_traceback(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(look, "status", broken)
    text = said(await desk.types(DANA, "why"))
    assert text.startswith("Something in me failed before anything was saved. It is recorded as ")
    assert "secret" not in text and "RuntimeError" not in text


async def test_erika_sees_what_there_is_and_may_not_cancel(desk: Desk) -> None:
    await started(desk)
    assert said(await desk.types(ERIKA, "")).startswith("Nothing waits for you. In flight: v1.3.0.")
    refused = await desk.types(ERIKA, "cancel no budget")
    assert refused.form is None and "Only a release manager can cancel v1.3.0" in said(refused)
