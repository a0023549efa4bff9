"""The plan of a run: which steps the policy wants in an environment, whole and in their order; and its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, fields, replace
from statistics import median
from typing import Any, Literal

from core.domain.environment_names import told_of
from core.domain.pipeline.model import BESIDE, REPEATABLE, UNENDED, RunStep, Stage, Step, StepState, Uses
from core.domain.policy_model import Policy
from core.domain.policy_pipeline import Service, StepRules

Kind = Literal["deploy", "roll back"]
PUSH_MAIN, PUSH_BACK = "push-main", "push-back"  # steps that a service with `trigger = "push"` brings with it
LONGEST_NAME = 41  # of a step
MOST_SEEN = 9  # durations of a step that are remembered
TITLES: Mapping[Uses, str] = {
    "announce": "Say that it begins",
    "publish": "Tag and push",
    "checks": "Checks before it begins",
    "backup": "Back the database up",
    "migrate": "Migrate the database",
    "migrate_back": "Take the database back",
    "deploy": "Deploy",
    "live": "Wait until it is live",
    "roll_back": "Roll back",
    "verify": "Verify the version",
    "smoke": "Smoke tests",
    "watch": "Watch it",
    "sign": "Sign-off",
    "announce_end": "Say that it is live",
    "run": "Command",
}
HARMLESS: frozenset[Uses] = frozenset(  # they change nothing of what runs; a command may do anything
    {"announce", "publish", "checks", "backup", "live", "verify", "smoke", "watch", "sign", "announce_end"}
)


def has_pipeline(policy: Policy, environment: str) -> bool:
    """Whether the policy says how this environment is deployed; else nobody but people do it."""
    return bool(told_of(environment, policy.deployment.pipelines))


def steps_of(
    policy: Policy,
    environment: str,
    kind: Kind = "deploy",
    *,
    database_back: bool = False,
    history: Mapping[str, Sequence[int]] | None = None,
) -> tuple[Step, ...]:
    """The steps of a run in an environment; none where the policy has no pipeline for it.

    `database_back` says that a roll-back takes the database back too: this release's migrations do not suit the
    version before. `history` has the durations of earlier runs in seconds, by `past(environment, kind, step)`.
    """
    if not has_pipeline(policy, environment):
        return ()
    forward = told_of(environment, policy.deployment.pipelines) or ()
    found = forward if kind == "deploy" else _back(policy, environment)
    seen = history or {}
    wanted = [r for r in found if database_back or kind == "deploy" or r.uses != "migrate_back"]
    steps = [_step(policy, environment, rules) for rules in wanted]
    if kind == "deploy" and environment == "production" and in_stages(policy):
        steps = _with_pushes(policy, steps)
    usual = {s.name: seen.get(past(environment, kind, s.name), ()) for s in steps}
    return tuple(replace(s, expected=round(median(usual[s.name])) if usual[s.name] else 0) for s in steps)


def in_stages(policy: Policy) -> bool:
    """Whether git is pushed in stages: a push of main makes a host deploy, so it has to come after the migrations."""
    services = policy.deployment.services
    deployed = [r.service for r in policy.deployment.pipelines.get("production", ()) if r.uses == "deploy"]
    return any(services[name].trigger == "push" for name in deployed)


def _with_pushes(policy: Policy, steps: Sequence[Step]) -> list[Step]:
    """Main is pushed right before the first service that waits for it, the other branches when all is done."""
    first = next(n for n, s in enumerate(steps) if s.uses == "deploy" and s.trigger == "push")
    last = max(n for n, s in enumerate(steps) if s.uses not in BESIDE)
    main = policy.product.main
    push = Step(PUSH_MAIN, f"Push {main}", "publish", trigger="push", timeout=300, retries=1, repeatable=True)
    back = replace(push, name=PUSH_BACK, title=f"Push {policy.product.develop or 'other branches'}", retries=2)
    return [*steps[:first], push, *steps[first : last + 1], back, *steps[last + 1 :]]


def past(environment: str, kind: str, step: str) -> str:
    """The key under which durations of a step are remembered."""
    return f"{environment}:{kind}:{step}"


def remembered(seen: Mapping[str, Sequence[int]], key: str, seconds: int) -> dict[str, tuple[int, ...]]:
    """The durations with one more, the newest last."""
    kept = {name: tuple(found) for name, found in seen.items()}
    return {**kept, key: (*kept.get(key, ()), max(seconds, 0))[-MOST_SEEN:]}


def _back(policy: Policy, environment: str) -> Sequence[StepRules]:
    """The policy's way back, else the strategy's: the database, each service, then the proofs."""
    rules = policy.deployment
    if written := rules.pipelines.get("rollback"):
        return written
    return tuple(_default_back(rules.services, environment, bool(rules.databases), bool(rules.smoke)))


def _default_back(
    services: Mapping[str, Service], environment: str, database: bool, smoke: bool
) -> Iterator[StepRules]:
    if database:
        yield StepRules(name="database-back", uses="migrate_back", timeout=1800, never_stop=True)
    for number, (name, service) in enumerate(services.items(), 1):
        if environment in service.targets:
            whole = f"back-{name}"  # cut off, two of them may be one
            fits = whole if len(whole) <= LONGEST_NAME else f"back-{number}-{name}"[:LONGEST_NAME]
            yield StepRules(name=fits, uses="roll_back", service=name, retries=1)
    yield StepRules(name="verify", uses="verify", retries=2)
    if smoke:
        yield StepRules(name="smoke", uses="smoke", retries=1)


def _step(policy: Policy, environment: str, rules: StepRules) -> Step:
    service = policy.deployment.services.get(rules.service)
    title = rules.title or _title(policy, rules, service)
    return Step(
        name=rules.name,
        title=title,
        uses=rules.uses,
        service=rules.service,
        host=service.host if service else "",
        target=(told_of(environment, service.targets) or "") if service else "",
        trigger=service.trigger if service else "api",
        command=rules.run,
        undo=rules.undo,
        item=rules.item,
        timeout=rules.timeout,
        retries=rules.retries,
        repeatable=rules.uses in REPEATABLE if rules.repeatable is None else rules.repeatable,
        never_stop=rules.never_stop,
        decide=rules.decide,
        stages=tuple(Stage(one.share, one.soak) for one in rules.stages),
    )


def _title(policy: Policy, rules: StepRules, service: Service | None) -> str:
    if rules.uses == "sign" and rules.item in policy.signoffs:
        return policy.signoffs[rules.item].title
    if rules.uses == "run":
        return rules.name
    return f"{TITLES[rules.uses]}: {service.title}" if service else TITLES[rules.uses]


def shown(steps: Sequence[Step]) -> tuple[RunStep, ...]:
    """The steps as a release keeps them when its run begins: that it begins has been said by then."""
    return tuple(
        RunStep(
            s.name,
            s.title,
            s.uses,
            StepState.DONE if s.uses == "announce" else StepState.PENDING,
            expected=s.expected,
            item=s.item,
            decide=s.decide,
            never_stop=s.never_stop or s.uses in UNENDED,
        )
        for s in steps
    )


# --- JSON ------------------------------------------------------------------------------------------------------------


def steps_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Plain JSON; what has its default is left out."""
    return [_json(step) for step in steps]


def _json(step: Step) -> dict[str, Any]:
    default = {f.name: f.default for f in fields(step)}
    found = {n: v for n, v in asdict(step).items() if default[n] is MISSING or getattr(step, n) != default[n]}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def steps_from(data: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps back from their JSON; what this version does not know is left out."""
    return tuple(_from(one) for one in data)


def _from(data: Mapping[str, Any]) -> Step:
    known = {f.name for f in fields(Step)}
    read: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items() if name in known}
    read["stages"] = tuple(Stage(int(one["share"]), int(one.get("soak", 0))) for one in data.get("stages", ()))
    return Step(**read)
