"""The policy's tables about deployment: what cannot be done is refused before anybody waits for it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.domain.plans.steps import steps_of
from core.domain.policy import PolicyFaults, parse_policy
from core.domain.policy_pipeline import DeployPolicy
from tests.policies import SHIPPED

STAGES = ({"share": 10}, {"share": 100, "soak": 0})


def tables(host: str, **step: object) -> dict[str, object]:
    service = {"title": "API", "host": host, "targets": {"production": "srv-api"}}
    production = ({"name": "api", "uses": "deploy", "service": "api", **step},)
    return {"services": {"api": service}, "pipelines": {"production": production}}


@pytest.mark.parametrize("host", ["vercel", "hook"])
def test_a_deployment_may_go_by_stages_where_the_host_can(host: str) -> None:
    read = DeployPolicy.model_validate(tables(host, stages=STAGES))
    assert [stage.share for stage in read.pipelines["production"][0].stages] == [10, 100]


@pytest.mark.parametrize(
    ("host", "step", "words"),
    [
        ("render", {"stages": STAGES}, "only a deploy at vercel or hook goes by stages"),
        ("vercel", {"uses": "live", "stages": STAGES}, "only a deploy at vercel or hook goes by stages"),
        ("vercel", {"stages": ({"share": 50},)}, "rise to 100"),
        ("vercel", {"service": "web"}, "there is no service web"),
        ("vercel", {"uses": "backup", "service": ""}, "there is no database"),
    ],
)
def test_what_cannot_be_is_refused(host: str, step: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        DeployPolicy.model_validate(tables(host, **step))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('targets = { staging = "srv-backend-staging", production = "srv-backend" }', 'targets = { staging = "a" }',
         "step backend-back: the service backend has no target in production"),
        ('staging = "DATABASE_URL_STAGING", ', "", "step backup: the database has no setting for staging"),
        ('uses = "sign"\nitem = "verified"', 'uses = "sign"\nitem = "verifed"', "'verifed' is not among [signoffs]"),
        ('item = "alerts"', 'item = "day.backup"', "the item day.backup is not signed on the day"),
        ("never_stop = true", "never_stop = true\nretries = 2", "step migrations: it has retries and may not"),
        ("never_stop = true", "never_stop = true\nrepeatable = true", "`migrate` is never repeated by itself"),
        ('uses = "roll_back"', 'uses = "deploy"', "step backend-back: `deploy` takes nothing back"),
        ('title = "Verify the roll-back"\nuses = "verify"', 'uses = "announce"', "`announce` takes nothing back"),
        ('name = "smoke"\ntitle = "Smoke tests"', 'name = "push-main"', "the bot itself gives a step this name"),
        ('urls = { staging = "BACKEND_URL_STAGING", production = "BACKEND_URL" }', "",
         "step smoke: the service backend has no address in staging under which it could be asked"),
        ('name = "backup"\ntitle = "Database backup"\nuses = "backup"\ntimeout = 1800',
         'name = "backup"\nuses = "checks"', "a step `backup` belongs before `migrate`"),
        ('production = "BACKEND_URL" }', 'production = "https://bot:hunter2@api.example" }',
         "a login belongs into a variable"),
        ('uses = "migrate"\ntimeout', 'run = ["load", "--dsn=postgresql://app:hunter2@db/app"]\ntimeout',
         "step migrations: a secret belongs into a variable"),
        ('kind = "sqlite"', 'kind = "commands"', "the database has no command `backup` and `restore` and `count`"),
    ],
)  # fmt: skip
def test_a_step_that_could_never_do_its_work_is_named(old: str, new: str, words: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(PolicyFaults) as faults:
        parse_policy(text.replace(old, new))
    assert any(words in fault.message and fault.line for fault in faults.value.faults), str(faults.value)


def test_what_the_checklist_waits_for_has_a_step_and_staging_comes_first() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    named = 'name = "smoke"\ntitle = "Smoke tests"\nuses = "smoke"\nretries = 1'
    with pytest.raises(PolicyFaults) as faults:
        parse_policy(text.replace(named, 'name = "smoke"\nuses = "verify"\nretries = 1'))
    assert [f.path for f in faults.value.faults] == ["signoffs.day.smoke.by"]
    elsewhere = text.replace("[[deployment.pipelines.staging]]", "[[deployment.pipelines.integration]]")
    for table in ("targets", "urls", "settings"):
        elsewhere = elsewhere.replace(f"{table} = {{ staging", f"{table} = {{ integration")
    with pytest.raises(PolicyFaults, match="staging none, so nothing is tried out before"):
        parse_policy(elsewhere)


def test_a_way_back_that_takes_no_code_back_and_checks_that_come_too_late_are_named() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    way_back = text.index("[[deployment.pipelines.rollback]]")
    late = '[[deployment.pipelines.integration]]\nname = "{0}"\nuses = "{0}"\n{1}\n'
    words = late.format("deploy", 'service = "backend"') + late.format("checks", "")
    with pytest.raises(PolicyFaults) as faults:
        parse_policy(text[:way_back] + '[[deployment.pipelines.rollback]]\nname = "smoke"\nuses = "smoke"\n\n' + words)
    told = str(faults.value)
    assert "nothing in it takes the code back" in told and "`checks` belongs before" in told


def test_services_with_long_names_have_steps_of_their_own_on_the_way_back() -> None:
    policy = parse_policy(SHIPPED.read_text(encoding="utf-8"))
    one = next(iter(policy.deployment.services.values()))
    many = policy.deployment.model_copy(update={"services": {"a" * 37 + n: one for n in ("-one", "-two")}, "pipelines":
        {"production": policy.deployment.pipelines["production"]}})  # fmt: skip
    names = [x.name for x in steps_of(policy.model_copy(update={"deployment": many}), "production", "roll back")]
    assert len(names) == len(set(names)) == 4 and max(map(len, names)) <= 41
