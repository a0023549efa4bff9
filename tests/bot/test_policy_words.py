"""`release-bot policy check` says in plain words what each line of the policy brings."""

from __future__ import annotations

from pathlib import Path

from bot.policy_words import in_plain_words
from core.domain.policy import parse_policy
from tests.policies import simulated_text

SHIPPED = (Path(__file__).parents[2] / "release_policy.toml").read_text("utf-8")


def test_people_are_printed_with_their_mails_and_what_a_login_is_for() -> None:
    text = SHIPPED.replace('emails = ["sana@asset-anchor.example"]\n', "")
    told = in_plain_words(parse_policy(text))
    assert "Priya (priya), in Slack U0PRIYA; commits with priya@asset-anchor.example; on GitHub priya-aa" in told
    assert "Sana (sana), in Slack U0SANA; commits with no mail, so their commits are not recognised as theirs" in told
    assert "a login names whom a pull request or an issue is about" in told


def test_lines_about_noise_and_answers_say_what_follows() -> None:
    told = in_plain_words(parse_policy(SHIPPED.replace("channel_posts = 6", "channel_posts = 4")))
    assert "at most 4 posts of a release in the team channel" in told
    assert "what comes after them stands in the release's thread" in told
    assert "An approval is due 24 hours after it is asked for" in told
    assert "before rollback: The version before runs on this database (tech lead signs)" in told


def test_evidence_says_who_may_report_what_and_when_it_fails() -> None:
    assert "each token may report every kind" in in_plain_words(parse_policy(SHIPPED))
    more = '[evidence]\ncoverage = 80\nmachines_only = ["regression"]\n'
    more += '[evidence.sources.ci]\nkinds = ["regression", "build"]\n'
    told = in_plain_words(parse_policy(f"{SHIPPED}\n{more}"))
    assert "ci may report regression, build\n  no other source may report anything" in told
    assert "nobody may state regression by hand" in told and "coverage fails below 80 % of the lines" in told


def test_hours_duties_and_captains_are_said() -> None:
    told = in_plain_words(parse_policy(SHIPPED))
    assert "09:00 to 17:00 on Monday, Tuesday, Wednesday, Thursday, Friday, in the zone" in told
    assert "else in America/New_York; a hotfix wakes people" in told and "led by turns" not in told
    assert "; Lead retrospective (item retro)" in told
    led = SHIPPED.replace("window_minutes = 120", 'window_minutes = 120\ncaptains = ["priya"]', 1)
    assert "led by turns, from 2026-12-02 on: Priya" in in_plain_words(parse_policy(led))


def test_break_glass_is_said_and_so_is_a_policy_without_it() -> None:
    told = in_plain_words(parse_policy(SHIPPED))
    assert "two people of release manager, tech lead, DevOps may pass one named gate for one content" in told
    assert "within 24 hours by another person of executive, product manager" in told and "approval, expired" in told
    before, _, rest = SHIPPED.partition("[override]")
    assert "nobody may pass a gate" in in_plain_words(parse_policy(before + rest[rest.index("# --- the four") :]))


def test_deployment_is_said_step_by_step_and_left_out_where_nothing_is_deployed() -> None:
    told = in_plain_words(parse_policy(SHIPPED))
    assert "  Backend: at render, it deploys when it is asked; staging is srv-backend-staging" in told
    assert "Verify versions (verify, up to 3 tries); Smoke tests (smoke, up to 2 tries)" in told
    assert "  back: Database back (migrate_back); Roll back: Backend (roll_back)" in told
    assert "Deployment" not in in_plain_words(parse_policy(simulated_text())).splitlines()
