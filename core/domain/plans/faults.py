"""What is wrong with the tables of deployment beside their shape: steps that could never do their work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from core.domain.pipeline.model import REPEATABLE, Uses
from core.domain.plans.steps import PUSH_BACK, PUSH_MAIN
from core.domain.policy_model import Policy
from core.domain.policy_pipeline import StepRules
from core.domain.secrets import redact_link

Fault = tuple[tuple[str, ...], str]
BACKWARDS: frozenset[Uses] = frozenset({"roll_back", "migrate_back"})
FORWARDS: frozenset[Uses] = frozenset({"announce", "publish", "checks", "migrate", "deploy", "sign", "announce_end"})
PRODUCTION_ONLY: frozenset[Uses] = frozenset({"announce", "publish", "sign", "announce_end"})
DATABASE: frozenset[Uses] = frozenset({"backup", "migrate", "migrate_back"})
ASKING: frozenset[Uses] = frozenset({"smoke", "watch"})
INTO_A_VARIABLE = "belongs into a variable: name that one instead"
VARIABLES = re.compile(r"=?\$\{?\w+\}?")  # a command may hand one on by its name
# The items of a checklist that a run meets by itself -> the step that it needs for that.
PROVED_BY: Mapping[str, Uses] = {
    "backup": "backup", "migrations": "migrate", "code": "deploy", "smoke_tests": "smoke",
}  # fmt: skip


def deploy_faults(policy: Policy) -> Iterator[Fault]:
    """Each fault with the path of what it is about."""
    pipelines = policy.deployment.pipelines
    for name, steps in pipelines.items():
        environment = "production" if name == "rollback" else name
        for step in steps:
            for words in (*_in_its_place(name, step), *_able(policy, environment, step), *_signed(policy, step)):
                yield ("deployment", "pipelines", name), f"step {step.name}: {words}"
        for words in _in_order(steps):
            yield ("deployment", "pipelines", name), words
    if pipelines.get("production") and not pipelines.get("staging"):
        yield ("deployment", "pipelines"), "production has a pipeline and staging none, so nothing is tried out before"
    if pipelines.get("rollback") and not pipelines.get("production"):
        yield ("deployment", "pipelines", "rollback"), "there is no pipeline for production that could be taken back"
    yield from _typed_in(policy)
    back = {step.uses for step in pipelines.get("rollback", ())}
    if back and not back & {"roll_back", "run"}:
        yield ("deployment", "pipelines", "rollback"), "nothing in it takes the code back: it has no step `roll_back`"
    yield from _proved(policy)


def _typed_in(policy: Policy) -> Iterator[Fault]:
    """Secrets in the policy itself: its addresses and commands are shown in plans and printed in runbooks."""
    for part, service in policy.deployment.services.items():
        if any(_secret(url) for url in service.urls.values()):
            yield ("deployment", "services", part, "urls"), f"a login {INTO_A_VARIABLE}"
    for name, steps in policy.deployment.pipelines.items():
        for step in steps:
            if any(_secret(word) for word in (*step.run, *step.undo)):
                yield ("deployment", "pipelines", name), f"step {step.name}: a secret {INTO_A_VARIABLE}"
    for part, data in policy.deployment.databases.items():
        if any(_secret(word) for words in (data.apply, data.back, data.backup, data.restore) for word in words):
            yield ("deployment", "databases", part), f"a secret {INTO_A_VARIABLE}"


def _secret(word: str) -> bool:
    named = VARIABLES.sub("", word)
    login = named.partition("://")[2].split("/")[0].rpartition("@")[0]
    return bool(login.strip(":")) or redact_link(named) != named


def _in_its_place(pipeline: str, step: StepRules) -> Iterator[str]:
    if step.name in (PUSH_MAIN, PUSH_BACK):
        yield "the bot itself gives a step this name"
    if pipeline == "rollback" and step.uses in FORWARDS:
        yield f"`{step.uses}` takes nothing back"
    if pipeline != "rollback" and step.uses in BACKWARDS:
        yield f"`{step.uses}` belongs into the pipeline rollback"
    if pipeline in ("staging", "integration") and step.uses in PRODUCTION_ONLY:
        yield f"`{step.uses}` is for production alone"
    repeatable = step.repeatable if step.repeatable is not None else step.uses in REPEATABLE
    if step.retries and not repeatable:
        yield "it has retries and may not be done twice; say `repeatable = true` if it may"
    if step.repeatable and step.uses in DATABASE:
        yield f"`{step.uses}` is never repeated by itself: a person looks first"


def _able(policy: Policy, environment: str, step: StepRules) -> Iterator[str]:
    """What the step needs in this environment."""
    rules = policy.deployment
    service = rules.services.get(step.service)
    if service is not None and step.uses in ("deploy", "live", "roll_back") and environment not in service.targets:
        yield f"the service {step.service} has no target in {environment}"
    for database in rules.databases.values():
        if step.uses in DATABASE and environment not in database.settings:
            yield f"the database has no setting for {environment}"
        own = {"backup": database.backup, "restore": database.restore, "count": database.count}
        lacking = [name for name, command in own.items() if database.kind == "commands" and not command]
        if step.uses == "migrate_back" and not database.back and "restore" in lacking:
            yield "the database has neither a command `back` nor a command `restore`"
        if step.uses == "backup" and lacking:
            yield f"the database has no command {' and '.join(f'`{n}`' for n in lacking)}"
    asked = [c for c in rules.smoke if not c.environments or environment in c.environments]
    if step.uses in ASKING and not asked:
        yield f"there is no smoke check for {environment}"
    for name in sorted({c.service for c in asked} if step.uses in ASKING else ()):
        if environment not in rules.services[name].urls:
            yield f"the service {name} has no address in {environment} under which it could be asked"
    if step.uses == "verify" and not any(environment in s.urls for s in rules.services.values()):
        yield f"no service has an address in {environment} under which it could be asked"


def _signed(policy: Policy, step: StepRules) -> Iterator[str]:
    if step.uses != "sign":
        return
    item = policy.signoffs.get(step.item)
    if item is None:
        yield f"{step.item!r} is not among [signoffs]"
    elif item.gate != "deployed" or item.met != "sign-off":
        yield f'the item {step.item} is not signed on the day; it needs gate = "deployed" and met = "sign-off"'


def _in_order(steps: Sequence[StepRules]) -> Iterator[str]:
    """A restore point is of use before the migrations alone, and code comes after them."""
    places: dict[Uses, int] = {}
    for place, step in enumerate(steps):
        places.setdefault(step.uses, place)
    if "migrate" in places and places.get("backup", len(steps)) > places["migrate"]:
        yield "the database is backed up before it is migrated: a step `backup` belongs before `migrate`"
    changes = min((places[uses] for uses in ("migrate", "deploy") if uses in places), default=len(steps))
    if places.get("checks", 0) > changes:
        yield "what was proven is looked at before anything changes: `checks` belongs before `migrate` and `deploy`"
    if "migrate" in places and places.get("deploy", len(steps)) < places["migrate"]:
        yield "the database is migrated before the code that needs it: `migrate` belongs before the first `deploy`"


def _proved(policy: Policy) -> Iterator[Fault]:
    """Items of the checklist that wait for a step which the pipeline does not have."""
    steps = policy.deployment.pipelines.get("production", ())
    there = {step.uses for step in steps}
    for name, item in policy.signoffs.items():
        need = PROVED_BY.get(item.by) if item.met == "automatic" else None
        if steps and need and need not in there:
            yield ("signoffs", name, "by"), f"nothing would ever meet it: production's pipeline has no step `{need}`"
