"""The policy's tables about deployment: services, databases, smoke checks and the steps of each pipeline.

All of them may be left out; an environment without a pipeline is deployed by nobody but people. Addresses and secrets
are settings: the policy names the environment variable in which one lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from core.domain.environment_names import EnvName
from core.domain.pipeline.model import Uses
from core.domain.policy_host import Path
from core.domain.policy_parts import Frozen, RoleName, Slug

PipelineName = Literal["integration", "staging", "production", "rollback"]
HostName = Literal["render", "vercel", "hook"]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,80}$")]
Target = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$")]
PHASED: tuple[HostName, ...] = ("vercel", "hook")  # hosts that give a deployment a part of the traffic
HOUR = 3600
DAY = 24 * HOUR


def _command(words: tuple[str, ...]) -> tuple[str, ...]:
    if any("\0" in word or "\n" in word for word in words):
        raise ValueError("has a line break in it")
    return words


Command = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=400)], ...], AfterValidator(_command)]


class Service(Frozen):
    """A part of the product that a host runs. `targets`: what the host calls it in each environment.

    `urls` are the addresses under which it answers; `version_path` answers the version or the commit that it runs.
    """

    title: str = Field(min_length=1, max_length=40)
    host: HostName
    trigger: Literal["api", "push"] = "api"
    targets: Mapping[EnvName, Target]
    urls: Mapping[EnvName, Annotated[str, Field(pattern=r"^https?://[^\s]{1,290}$")] | Variable] = {}
    version_path: str = Field(default="/version", pattern=r"^/[^\s]{0,200}$")


class Database(Frozen):
    """A database of the product. `settings` names the variable with its address in each environment.

    Commands run in a checkout of the release with DATABASE_URL set to that address. `current` prints the revision;
    `{revision}` in `back` is the one to go back to. `kind = "commands"` needs `backup`, `restore` and `count` too.
    """

    kind: Literal["postgresql", "sqlite", "commands"]
    settings: Mapping[EnvName, Variable]
    migrations: Path = "migrations"
    apply: Command = Field(min_length=1)
    back: Command = ()
    current: Command = ()
    backup: Command = ()
    restore: Command = ()
    count: Command = ()


class SmokeCheck(Frozen):
    """One request after a deployment: what must come back, and how fast (milliseconds, 0 = does not matter)."""

    name: str = Field(min_length=1, max_length=60)
    service: Slug
    path: str = Field(default="/", pattern=r"^/[^\s]{0,200}$")
    status: int = Field(default=200, ge=100, le=599)
    contains: str = Field(default="", max_length=200)
    version: bool = False  # the body names the version or the commit
    within_ms: int = Field(default=0, ge=0, le=60_000)
    environments: tuple[EnvName, ...] = ()  # empty: everywhere
    flag: str = Field(default="", max_length=100)  # the feature flag that guards what this looks at


class StageRules(Frozen):
    share: int = Field(ge=1, le=100)
    soak: int = Field(default=60, ge=0, le=DAY)


class StepRules(Frozen):
    """One step of a pipeline; times in seconds. A step is a built-in (`uses`) or a command (`run`), never both."""

    name: Slug
    title: str = Field(default="", max_length=60)
    uses: Uses = "run"
    run: Command = ()
    service: Slug = ""
    item: Slug = ""
    timeout: int = Field(default=600, ge=1, le=6 * HOUR)
    retries: int = Field(default=0, ge=0, le=5)
    repeatable: bool | None = None  # None: as its kind is; retries need a step that may be done twice
    never_stop: bool = False
    decide: tuple[RoleName, ...] = ()  # empty: who holds the permission `deploy`
    undo: Command = ()
    stages: tuple[StageRules, ...] = Field(default=(), max_length=10)

    @field_validator("service", "item", mode="wrap")
    @classmethod
    def _may_be_empty(cls, value: Any, handler: Any) -> Any:
        return value if value == "" else handler(value)

    @model_validator(mode="after")
    def _one_thing(self) -> StepRules:
        if (self.uses == "run") != bool(self.run):
            raise ValueError(f"step {self.name}: give it either `uses` or a command in `run`")
        if self.uses in ("deploy", "live", "roll_back") and not self.service:
            raise ValueError(f"step {self.name}: which service?")
        if self.uses == "sign" and not self.item:
            raise ValueError(f"step {self.name}: which item of the checklist?")
        shares = [stage.share for stage in self.stages]
        if shares != sorted(set(shares)) or (shares and shares[-1] != 100):
            raise ValueError(f"step {self.name}: the stages' shares rise to 100")
        return self


class DeployPolicy(Frozen):
    """The table `[deployment]`: everything about how a release gets somewhere."""

    services: Mapping[Slug, Service] = {}
    databases: Mapping[Slug, Database] = Field(default={}, max_length=1)
    smoke: tuple[SmokeCheck, ...] = Field(default=(), max_length=100)
    pipelines: Mapping[PipelineName, tuple[StepRules, ...]] = {}
    integration_at: time = time(6)  # from when on integration gets develop, once a day, in the zone of the trains
    call_after: int = Field(default=5, ge=1, le=240)  # minutes until the next role is called, when nobody decides

    @model_validator(mode="after")
    def _all_known(self) -> DeployPolicy:
        for where, steps in self.pipelines.items():
            names = [step.name for step in steps]
            if len(set(names)) != len(names):
                raise ValueError(f"pipeline {where}: two steps have one name")
            for step in steps:
                if step.service and step.service not in self.services:
                    raise ValueError(f"pipeline {where}, step {step.name}: there is no service {step.service}")
                if step.uses in ("backup", "migrate", "migrate_back") and not self.databases:
                    raise ValueError(f"pipeline {where}, step {step.name}: there is no database")
                if step.stages and (step.uses != "deploy" or self.services[step.service].host not in PHASED):
                    words = f"only a deploy at {' or '.join(PHASED)} goes by stages"
                    raise ValueError(f"pipeline {where}, step {step.name}: {words}")
        for check in self.smoke:
            if check.service not in self.services:
                raise ValueError(f"smoke check {check.name}: there is no service {check.service}")
        return self
