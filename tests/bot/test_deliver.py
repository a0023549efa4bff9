"""Every kind of effect that the domain may write is carried out by somebody, and explained where it is named."""

from __future__ import annotations

import inspect
import re
from typing import get_args

import pytest

from bot.deliver import Deliveries
from bot.drawing import SLACK_KINDS
from core.domain import effects
from core.usecases.stuck import KIND as STUCK

KINDS: tuple[str, ...] = get_args(effects.Kind)


def carried() -> set[str]:
    """The kinds that `do` has a branch for, and the messages, which the outbox posts."""
    branches = re.findall(r'(?:case|==|\|) "([a-z._]+)"', inspect.getsource(Deliveries.do))
    return set(branches) | SLACK_KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_carried_out(kind: str) -> None:
    assert kind in carried()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_explained(kind: str) -> None:
    assert re.search(rf"^- `{re.escape(kind)}` ", effects.__doc__ or "", re.MULTILINE)


def test_nothing_is_carried_out_that_nobody_may_write() -> None:
    assert carried() - {STUCK} == set(KINDS)
