"""The table `[retrospective]` of the policy: when one is held, and what stands in the way of closing a release."""

from __future__ import annotations

from datetime import time

from pydantic import Field

from core.domain.policy_parts import Frozen


class RetroRules(Frozen):
    """`after_hours` after it went live it is due, or on the last working day before; `at` is the wall time of the
    meeting in the train's zone, `minutes` its length. `named` shows who said what; `decide_actions` lets no release
    close before it is decided what becomes of the action items on its checklist; `due_days` proposes their date."""

    after_hours: int = Field(default=72, ge=1, le=24 * 14)
    minutes: int = Field(default=45, ge=5, le=240)
    at: time = time(15)
    named: bool = True
    decide_actions: bool = True
    due_days: int = Field(default=14, ge=1, le=365)
