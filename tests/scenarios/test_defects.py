"""The defects that approval buttons are known for, each with the test that holds it; what nobody held is tested here.

Each line of the list is a defect, the line below it where it is held, seen from this folder's parent.

- A double click runs it twice:
  scenarios/test_approvals.py::test_a_click_twice_at_once_is_one_signature_and_two_answers
- ... a hundred times, and from many processes:
  scenarios/test_bad_input.py::test_one_hundred_clicks_at_once_are_one_signature
- ... and by twenty people on ten releases:
  clicks/test_clicks.py::test_ten_thousand_clicks_of_twenty_people_on_ten_releases
- Buttons stay live while slow work runs:
  scenarios/test_approvals.py::test_go_waits_for_slack_and_tells_so_meanwhile
- A decision elsewhere leaves stale buttons:
  scenarios/test_click_table.py::test_decided_elsewhere
- ... also for the second holder of a role:
  scenarios/test_click_table.py::test_a_second_holder_sees_that_nothing_is_left_to_do
- The first click after a restart is lost:
  scenarios/test_defects.py::test_the_first_click_after_a_restart_counts_and_what_slack_resends_does_not
- An unauthorised click gets silence:
  scenarios/test_click_table.py::test_not_yours
- ... or a stranger's or guest's:
  scenarios/test_bad_input.py::test_a_guest_and_a_stranger_click_and_are_told_who_may
- ... or destroys the request:
  scenarios/test_click_table.py::test_not_yours
- Two deciders at once:
  scenarios/test_approvals.py::test_two_who_sign_in_the_same_second_both_count
- The name of a decider is lost in a race:
  scenarios/test_defects.py::test_of_two_who_decide_at_once_both_names_stand_everywhere
- A click on a cancelled release:
  scenarios/test_click_table.py::test_stale_and_gone
- A form that was open for an hour:
  scenarios/test_click_table.py::test_a_form_that_was_open_too_long_keeps_the_words
- Somebody leaves the group between request and click:
  scenarios/test_defects.py::test_who_left_the_group_between_request_and_click_is_told_who_may_now
- ... and nobody noticed it until go:
  scenarios/test_approvals.py::test_who_left_the_role_unnoticed_is_noticed_at_go
- Keys of a workspace id break in shared channels:
  scenarios/test_defects.py::test_a_click_from_another_workspace_is_the_same_person_s
- A late acknowledgement makes Slack resend:
  scenarios/test_defects.py::test_the_first_click_after_a_restart_counts_and_what_slack_resends_does_not
- ... of a form:
  scenarios/test_bad_input.py::test_a_replayed_click_is_answered_and_done_once
- ... and a slow handler is acknowledged in time:
  bot/test_edge.py::test_a_late_handler_gets_kind_words_in_time
- Hours of dead notifications after an outage:
  bot/test_outbox.py::test_what_came_too_late_is_dropped_with_a_trace
- ... and nothing lost or doubled by it:
  scenarios/test_bad_slack.py::test_slack_is_down_for_a_while_and_nothing_is_lost_or_doubled
- A lock says not who, since when, why; it blocks its owner:
  core/domain/test_environments.py::test_a_lock_on_production_stops_all_but_its_owner_and_is_named_whole
- A lock is forgotten:
  core/domain/test_environments.py::test_the_hour_ends_locks_once_and_asks_once_about_those_without_an_end
- Slack's limits are hit:
  core/store/test_pace.py::test_a_429_holds_every_process_off
- A click is weaker than a login:
  scenarios/test_bad_input.py::test_what_slack_did_not_sign_is_turned_away_and_does_nothing
- Approvals outlive what was approved:
  scenarios/test_walks.py::test_a_new_candidate_withdraws_the_approval_and_shows_what_is_different
- Override paths rot:
  scenarios/test_break_glass.py::test_two_people_pass_a_gate_loudly_and_a_third_one_reviews_it_before_it_closes
- Evidence for an unknown commit, and twice:
  bot/test_evidence_hook.py::test_evidence_for_an_unknown_commit_is_kept_and_twice_is_once
- Malformed and hostile XML:
  core/domain/evidence/test_reading.py::test_what_is_no_result_is_refused_in_words
- 100 MB of it:
  bot/test_evidence_hook.py::test_100_mb_are_refused_without_being_held
"""

from __future__ import annotations

import ast
import asyncio
import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.scenarios.driver import Team
from tests.scenarios.hands import LAST, clicks, product_managers, request_of
from tests.scenarios.test_bad_input import sent

TESTS = Path(__file__).parents[1]
RESENT = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}


def test_each_defect_names_a_test_that_exists() -> None:
    lines = [line.strip() for line in str(__doc__).splitlines()]
    held = [(defect, where) for defect, where in pairwise(lines) if "::" in where]
    assert len(held) >= 30 and all(defect.startswith("- ") for defect, _ in held)
    for defect, where in held:
        file, _, name = where.partition("::")
        made = ast.walk(ast.parse((TESTS / file).read_text(encoding="utf-8")))
        assert name in {f.name for f in made if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)}, defect


async def comes_again(play: Team, payload: Mapping[str, Any], more: Mapping[str, str] | None = None) -> int:
    """The same request once more, signed by Slack; the status of the answer."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    status = await sent(play, body, play.slack.courier.signed(body) | dict(more or {}))
    await play.settles()
    return status


def said_in(play: Team, words: str) -> int:
    return sum(words in line for line in play.thread("1.3.0"))


def last_click(play: Team) -> Mapping[str, Any]:
    return next(d.payload for d in reversed(play.slack.deliveries) if d.kind == "block_actions")


async def test_the_first_click_after_a_restart_counts_and_what_slack_resends_does_not(minor: Team) -> None:
    """`minor` begins in a process of its own, with the files of one that has ended: this click is its first request."""
    told = await clicks(minor, "mira", LAST)
    assert "You approved v1.3.0" in told
    assert await comes_again(minor, last_click(minor), RESENT) == 200
    assert said_in(minor, "Mira approved v1.3.0") == 1, "Slack sent it again because the answer came late"
    assert (await minor.facts("1.3.0"))["staging_run"]["id"] == 1, "and nothing went to staging twice"


async def test_a_click_from_another_workspace_is_the_same_person_s(minor: Team) -> None:
    """In a channel that workspaces share, the team of the payload is whoever's; the person decides, not the team."""
    await clicks(minor, "mira", LAST)
    payload = dict(last_click(minor))
    other = {"id": "T0PARTNER", "domain": "partner"}
    payload |= {"team": other, "user": {**payload["user"], "team_id": other["id"]}, "is_enterprise_install": False}
    assert await comes_again(minor, payload) == 200
    assert said_in(minor, "Mira approved v1.3.0") == 1
    given = (await minor.facts("1.3.0"))["approvals"][0]["given"]
    assert [one["person"] for one in given] == ["U0MIRA"]


async def test_of_two_who_decide_at_once_both_names_stand_everywhere(minor: Team) -> None:
    await product_managers(minor, "mira", "jo")
    jo = minor.slack.person("Jo")
    await asyncio.gather(minor.mira.clicks(LAST, "dm"), jo.clicks(LAST, "dm"))
    await minor.settles()
    assert said_in(minor, "Mira approved v1.3.0 as product manager") == 1
    assert said_in(minor, "@Jo approved v1.3.0 as product manager") == 1  # Slack names whom the policy does not
    given = (await minor.facts("1.3.0"))["approvals"][0]["given"]
    assert {one["person"] for one in given} == {"U0MIRA", "U0JO"}


async def test_who_left_the_group_between_request_and_click_is_told_who_may_now(minor: Team) -> None:
    asked = request_of(minor.mira)
    blocks = [dict(b) for b in asked.blocks]
    await product_managers(minor, "jo")
    asked.blocks = blocks  # her screen was not brought up to date
    told = await clicks(minor, "mira", LAST, asked)
    assert "@Jo" in told and "Nothing was changed" in told, told
    jo = minor.slack.person("Jo")
    assert LAST in jo.buttons(request_of(jo)), "the request is there for who may answer it"
