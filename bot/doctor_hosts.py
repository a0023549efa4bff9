"""What the doctor finds about the hosts: are they connected, is each service there, and who makes it deploy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from bot.hosts import NEEDED, hosts_of
from bot.integrations.slack import make_session
from bot.settings import Settings
from core.domain.policy import Policy
from core.domain.policy_pipeline import Service
from core.errors import IntegrationError
from core.ports import ServiceHost

Finding = tuple[str, bool, str, str]  # what was looked at, whether it is well, what was found, what to do

PAGE = "see docs/hosts.md"
AFTER = {
    "denied": f"make a token that may see this service, {PAGE}",
    "missing": "correct its name under `targets` of the service in the policy",
    "rate": "wait; other programs use the same token",
}


async def host_findings(settings: Settings, policy: Policy | None) -> AsyncIterator[Finding]:
    """Nothing where the policy names no service."""
    services = policy.deployment.services if policy is not None else {}
    if not services:
        return
    session = make_session()
    try:
        hosts = hosts_of(settings, session)
        for name, service in services.items():
            async for finding in _of(name, service, hosts):
                yield finding
    finally:
        await session.close()


async def _of(name: str, service: Service, hosts: Mapping[str, ServiceHost]) -> AsyncIterator[Finding]:
    host = hosts.get(service.host)
    if host is None:
        said = f"{service.host} is in the policy, and {NEEDED[service.host]} is not set"
        yield f"host of {name}", False, said, f"set it, {PAGE}"
        return
    for environment, target in service.targets.items():
        what = f"{name} on {environment}"
        try:
            serving = await host.live(target)
            itself = await host.deploys_by_itself(target)
        except IntegrationError as error:
            yield what, False, str(error), AFTER.get(str(error.facts.get("reason")), "the host could not be reached")
            continue
        runs = f"runs {serving.commit[:12] or 'an unknown commit'}" if serving is not None else "nothing runs yet"
        yield (what, *_trigger(service, itself, f"{service.host} {target}, {runs}"))


def _trigger(service: Service, itself: bool | None, said: str) -> tuple[bool, str, str]:
    """A push must deploy where the policy waits for it, and must not where the pipeline asks after the migrations."""
    if itself is None:
        must = "no push may deploy it" if service.trigger == "api" else "a push must deploy it"
        return True, f"{said}; the host does not say whether a push deploys it: look that {must}", ""
    if service.trigger == "api" and itself:
        said = f"{said}; a push deploys it by itself, before the migrations"
        return False, said, 'switch automatic deploys off there, or write trigger = "push" in the policy'
    if service.trigger == "push" and not itself:
        said = f"{said}; the policy waits for a push to deploy it, and the host does not"
        return False, said, 'switch automatic deploys on there, or write trigger = "api" in the policy'
    return True, said, ""
