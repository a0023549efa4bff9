"""The log of a step: its newest lines first, all the others by pages, and nothing in it that is more than text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.domain.pipeline.model import Seen
from core.errors import NotFound
from core.store.unit_of_work import Store
from core.usecases import look, running
from handlers import ids, logs
from handlers.views.log import PAGE, log
from tests.core.usecases.runs import Deployment
from tests.handlers.desk import labels, words
from tests.handlers.layout import HOSTILE, check_form
from tests.handlers.runs import steps
from tests.handlers.story import facts

FACTS = facts()
OTHERS = [{"name": s["name"], "title": s["title"]} for s in steps("smoke", "failed")]


def shown(**more: Any) -> dict[str, Any]:
    base = {"run": "3", "step": "smoke", "title": "Smoke tests", "state": "failed", "attempt": 2}
    return base | {"lines": [f"line {n}" for n in range(1, 101)], "page": 0} | more


def test_the_newest_lines_come_first_and_the_others_by_pages() -> None:
    first, last = log(FACTS, shown(), OTHERS), log(FACTS, shown(page=99), OTHERS)
    for form in (first, last):
        check_form(form)
    assert "lines 71 to 100 of 100" in words(first) and "line 100" in words(first) and "line 70\n" not in words(first)
    assert labels(first.blocks) == ["Refresh", "Older lines"] and "attempt 2" in words(first)
    assert "lines 1 to 10 of 100" in words(last) and labels(last.blocks) == ["Refresh", "Newer lines"]


@pytest.mark.parametrize("more", [{"lines": []}, {"lines": [], "growing": True}, {"state": "running"}])
def test_a_log_without_lines_says_so(more: dict[str, Any]) -> None:
    form = log(FACTS, shown(**more), [])
    check_form(form)
    if not more.get("lines", [1]):
        assert "Nothing was written yet." in words(form) if more.get("growing") else "It wrote nothing." in words(form)


def test_hostile_output_is_text_and_nothing_else() -> None:
    foul = ["```", HOSTILE, "\x1b[31mred\x1b[0m", "a" * 5000, "", "  indented", "<!channel>"] * 9
    form = log(FACTS | {"tag": HOSTILE}, shown(lines=foul, title=HOSTILE), [{"name": "x", "title": HOSTILE}])
    check_form(form, foreign=True)
    assert "  indented" in words(form) and words(form).count("```") % 2 == 0


@dataclass
class Says:
    lines: list[str]

    async def newest(self, run: int, step: str, lines: int) -> list[str]:
        return self.lines[-lines:]


async def test_show_the_log_opens_what_is_at_work_or_was_at_last(store: Store) -> None:
    d = await Deployment.of(store)
    assert await d.begin() == "begun"
    going = await d.at("checks")
    told = await look.by_id(d.ctx, d.number)
    target = ids.Target(d.number, "1")
    assert "Nothing was written yet." in words(await logs.opened(d.ctx, target, told))
    live = replace(d.ctx, tails=Says(["one", "two"]))
    form = await logs.opened(live, target, told)
    assert "one\ntwo" in words(form) and "the newest lines" in words(form)
    await running.logged(d.ctx, going, 0, "\n".join(f"said {n}" for n in range(PAGE + 5)))
    await running.ended(d.ctx, going, Seen("failed", reason="not proven"))
    form = await logs.opened(live, ids.Target(d.number, "1 checks 1"), told)
    check_form(form)
    assert "lines 1 to 5 of 35" in words(form) and "said 4" in words(form) and "said 5" not in words(form)
    with pytest.raises(NotFound):
        await logs.opened(d.ctx, ids.Target(d.number, "7"), told)
