"""The plan of a run: what the policy says, whole, and its way through JSON."""

from __future__ import annotations

import json

from core.domain.pipeline.model import BESIDE, REPEATABLE, USES, Stage, Step
from core.domain.pipeline.recovery import LOOKS
from core.domain.plans.steps import (
    HARMLESS,
    MOST_SEEN,
    TITLES,
    past,
    remembered,
    shown,
    steps_from,
    steps_json,
    steps_of,
)
from core.domain.policy import Policy
from core.domain.policy_pipeline import DeployPolicy, StageRules, StepRules
from tests.core.domain.pipeline.test_stories import shipped


def changed(**pipelines: tuple[StepRules, ...]) -> Policy:
    rules = shipped().deployment
    new = DeployPolicy(services=rules.services, databases=rules.databases, smoke=rules.smoke, pipelines=pipelines)  # type: ignore[arg-type]
    return shipped().model_copy(update={"deployment": new})


def test_a_step_has_all_that_it_needs_and_what_is_usual() -> None:
    seen = {past("production", "deploy", "backend"): (30, 300, 50)}
    steps = {s.name: s for s in steps_of(shipped(), "production", history=seen)}
    backend, rules = steps["backend"], shipped().deployment.services["backend"]
    assert (backend.host, backend.target) == (rules.host, rules.targets["production"])
    assert backend.title == "Deploy: Backend" and backend.repeatable and backend.expected == 50
    assert steps["migrations"].never_stop and not steps["migrations"].repeatable
    assert steps["verified"].title == shipped().signoffs["verified"].title
    assert steps_of(shipped(), "development") == ()


def test_each_kind_of_step_has_a_title_and_its_place_in_the_lists() -> None:
    assert set(TITLES) == set(USES)
    assert BESIDE | LOOKS <= HARMLESS <= set(USES), "who only looks, and what the release does, changes nothing there"
    assert LOOKS <= REPEATABLE <= set(USES) - BESIDE


def test_the_way_back_is_the_policys_or_the_strategys_order() -> None:
    written = [s.uses for s in steps_of(shipped(), "production", "roll back", database_back=True)]
    plain = changed(production=(StepRules(name="smoke", uses="smoke"),))
    default = [s.uses for s in steps_of(plain, "production", "roll back", database_back=True)]
    assert written == default == ["migrate_back", "roll_back", "roll_back", "verify", "smoke"]
    assert steps_of(plain, "production", "roll back")[0].uses == "roll_back"
    assert steps_of(changed(), "production", "roll back") == (), "nothing is deployed, so nothing goes back"


def test_a_plan_survives_json_and_what_a_newer_version_added() -> None:
    phased = StepRules(
        name="frontend", uses="deploy", service="frontend", stages=(StageRules(share=10), StageRules(share=100, soak=0))
    )
    command = StepRules(name="warm", run=("make", "warm"), undo=("make", "cold"), retries=2, repeatable=True)
    steps = steps_of(changed(staging=(phased, command)), "staging")
    assert steps[0].stages == (Stage(10, 60), Stage(100)) and steps[1].command == ("make", "warm")
    text = json.dumps(steps_json(steps))
    assert steps_from(json.loads(text)) == steps and '"undo": []' not in text
    assert steps_from([{"name": "a", "title": "A", "uses": "smoke", "colour": "red"}]) == (Step("a", "A", "smoke"),)


def test_durations_are_remembered_within_bounds_and_that_it_begins_is_said_before() -> None:
    seen: dict[str, tuple[int, ...]] = {}
    for n in range(20):
        seen = remembered(seen, "k", n)
    assert seen["k"] == tuple(range(20 - MOST_SEEN, 20))
    assert [x.state.value for x in shown(steps_of(shipped(), "production"))[:2]] == ["done", "pending"]
