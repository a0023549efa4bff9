"""`/release metrics`: a sentence for each fact that matters, each number with what it stands on, and no other one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.domain.metrics.model import Report
from core.domain.metrics.periods import period_of
from core.domain.metrics.report import report
from core.domain.metrics.rows import Rows
from handlers.views import metrics as views
from handlers.views import status_page
from handlers.views.metrics_picture import alt, picture
from handlers.views.metrics_words import days
from tests.handlers.desk import Desk, labels, words
from tests.handlers.layout import HOSTILE, check_message
from tests.handlers.measured import quarter
from tests.handlers.play import said
from tests.handlers.story import PRIYA

NOW = datetime(2027, 1, 4, 12, tzinfo=UTC)
FACTS = {"names": {}, "roles": {"product_manager": "product manager"}, "zone": "America/New_York"}


def of(rows: Rows, name: str = "2026-q4") -> Report:
    period = period_of(name, NOW, "America/New_York")
    return report(rows, period, product="shop", zone="America/New_York", made_at=NOW)


def test_the_reading_has_one_sentence_for_each_fact_that_matters() -> None:
    message = views.metrics(of(quarter()), FACTS, 6, chart=True)
    check_message(message)
    assert message.blocks[0]["text"]["text"] == (
        "*October to December 2026: 6 releases, 1 rolled back.* Lead time, median 6.5 days (n = 36). "
        "Deployment success 5 of 6 (83 %, 95 % interval 44-97 %). "
        "Recovery of a failed deployment: 1 failure, 12 min; too few for a median. "
        "Time to resolve: 1 incident, 42 min; too few for a median. "
        "Approvals waited 5 h 30 min at the median, longest with product manager. "
        "Channel posts 4 per release, budget 6."
    )
    told = words(message)
    assert "• Change fail rate: 1 of 6 (17 %, 95 % interval 3-56 %) · v1.3.0" in told
    assert "No data: Test coverage, Findings of static analysis and Reminders answered." in told
    assert labels(message.blocks)[:3] == ["Post it here", "How is this counted?", "Which releases?"]
    check_message(views.posted(of(quarter()), FACTS, 6, "Priya"))
    counted, behind = views.how_counted(of(quarter())), views.behind(of(quarter()))
    check_message(counted)
    check_message(behind)
    assert all(m.definition[:40] in words(counted) for m in of(quarter()).measures)
    assert "Time to detect: v1.3.0" in words(behind).replace("*", "") and "Open v1.5.0" in labels(behind.blocks)


def test_the_picture_shows_each_release_and_each_week_and_says_it_in_a_sentence() -> None:
    drawn = picture(of(quarter()), "America/New_York")
    lead, shipped = drawn.panels
    assert drawn.title == "October to December 2026: 6 releases, 1 rolled back"
    assert (lead.labels[0], lead.counts, lead.series[0].values) == ("v1.0.0", (6,) * 6, (9.0, 8.0, 7.0, 6.0, 5.0, 4.0))
    assert len(shipped.labels) == 14 and shipped.labels[:2] == ("28 Sep", "5 Oct")
    good, bad = (sum(v or 0 for v in one.values) for one in shipped.series)
    assert (good, bad, shipped.series[1].bad) == (5, 1, True)
    assert alt(of(quarter())) == (
        "Line chart: 6 releases in October to December 2026, lead time falling from 9 days to 4 days. "
        "Bar chart by week: 6 deployments, 1 failed or taken back."
    )


def test_no_data_is_no_zero() -> None:
    empty = of(Rows())
    message = views.metrics(empty, FACTS, 6)
    assert "Nothing was recorded then." in words(message) and "0" not in words(message).replace("2026", "")
    assert all(panel.empty for panel in picture(empty, "UTC").panels) and alt(empty).startswith("Two charts without")
    assert "Post it here" not in labels(message.blocks)
    for other in (message, views.posted(empty, FACTS, 6, "Priya"), views.no_period(HOSTILE), status_page.sent(True)):
        check_message(other)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(42 * 60, "42 min"), (86400, "1 day"), (86400 + 3600, "1 day 1 h"), (2 * 86400, "2 days"), (555000, "6.4 days")],
)
def test_durations_as_one_says_them(seconds: float, told: str) -> None:
    assert days(seconds) == told


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("2031-q1", "2031-q1 lies ahead: it begins on 1 January 2031"),
        ("2026-07..2026-02", "ends before it begins; the other way round it is 2026-02..2026-07"),
        ("soon <!here> *x*", "“soon &lt;!here&gt; ∗x∗” is no period; say 2026-q3"),
        ("", "Nothing was recorded then"),
        ("last 30 days", "Nothing was recorded then"),
    ],
)
async def test_what_is_typed(desk: Desk, typed: str, answer: str) -> None:
    found = await desk.types(PRIYA, f"metrics {typed}")
    assert answer in said(found)
    assert found.private
    how = await desk.clicks(PRIYA, found.private, labels(found.private.blocks)[0])
    assert how.private and words(how.private)
