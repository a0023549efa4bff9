"""The plan of a release as a runbook in Markdown: for the day when Slack or the bot is down. It names no secret."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from core.domain.pipeline.known import version_before
from core.domain.pipeline.model import Step
from core.domain.plans.plan import Plan, deciders
from core.domain.policy import Policy
from core.domain.policy_pipeline import Database, Service
from core.usecases.plan import Planned
from handlers.views.writing import Facts, counted, in_words, lasted, listed, name, plain, role_title

_SIGNS = re.compile(r"([\\`*_\[\]<>|#])")
RENDER = "https://api.render.com/v1"  # where nobody has set another address
BY_HAND = {
    "announce": "Tell the team's channel, then support, that it begins.",
    "announce_end": "Tell the team, stakeholders and support that it is live.",
    "checks": "Look at `release-bot check {version}`; without the bot, at the checklist and at CI for the commit.",
    "live": "Wait until the host's page says that the deployment of this commit is live.",
    "watch": "Repeat the smoke tests for a while.",
}


def runbook(facts: Facts, planned: Planned) -> str:
    """Everything in the order of the day, with commands to copy."""
    return "\n".join(_lines(facts, planned)).rstrip() + "\n"


def _lines(facts: Facts, planned: Planned) -> Iterator[str]:
    tag, sha = _text(facts.get("tag") or ""), str((facts.get("candidate") or {}).get("sha") or "")
    yield f"# Runbook: {tag} of {_text((facts.get('product') or {}).get('name') or '')}"
    yield ""
    yield from _head(facts, planned.plan, sha)
    yield from _who(facts)
    yield "## To production"
    yield ""
    if not planned.plan.steps:
        yield "The policy has no pipeline for production: people bring it there as they are used to, and record it."
        yield ""
    for number, step in enumerate(planned.plan.steps, 1):
        yield from _step(facts, planned.policy, step, number)
    yield from _when_it_fails(facts, planned)
    yield from _booked(facts)


def _head(facts: Facts, found: Plan, sha: str) -> Iterator[str]:
    before = version_before(facts)
    yield f"- commit: `{sha}`" if sha else "- commit: there is no candidate yet"
    leaves = in_words(facts, facts["departs_at"]) if facts.get("departs_at") else "when it is ready"
    yield f"- leaves: {leaves}"
    yield f"- takes: {_took(found.seconds)}; taken back: {_took(found.seconds_back)} (medians of earlier runs)"
    yield f"- before it: v{_text(before)}" if before else "- before it: not known, so there is no way back"
    rows = list(facts.get("migrations") or ())
    yield f"- migrations: {counted(len(rows), 'migration') if rows else 'none'}"
    for one in rows:
        down = {True: "has a way down", False: "has no way down"}.get(one.get("reversible"), "way down not known")
        yield f"  - {_text(one['class'])}: {_text(one['what'])} (`{_code(one['path'])}`, {down})"
    yield ""


def _who(facts: Facts) -> Iterator[str]:
    yield "## Who"
    yield ""
    for role in ("release_manager", "devops", "tech_lead", "qa", "executive"):
        people = [name(facts, p) for p in (facts.get("members") or {}).get(role, ())]
        if people:
            yield f"- {_text(role_title(facts, role))}: {_text(listed(people, 'or'))}"
    yield ""


def _took(seconds: int | None) -> str:
    return f"about {lasted(seconds)}" if seconds else "no estimate yet"


# --- the steps --------------------------------------------------------------------------------------------------------


def _step(facts: Facts, policy: Policy, step: Step, number: int) -> Iterator[str]:
    told = f" ({_took(step.expected)})" if step.expected else ""
    yield f"### {number}. {_text(step.title)}{told}"
    yield ""
    yield from _what(facts, policy, step)
    if step.stages:
        shares = listed([f"{stage.share} %, then {lasted(stage.soak)} of looking" for stage in step.stages])
        yield f"In stages: {shares}."
        yield ""
    if step.undo:
        yield f"Taken back by: `{_code(shlex.join(step.undo))}`"
        yield ""
    roles = listed([_text(role_title(facts, r)) for r in deciders(step)], "or")
    yield f"If it fails: stop here. {roles[:1].upper()}{roles[1:]} decides. Time done: ________ by: ________"
    yield ""


def _what(facts: Facts, policy: Policy, step: Step) -> Iterator[str]:
    version = str(facts.get("version") or "")
    if step.uses == "sign":
        item = next((i for i in facts.get("signoffs") or () if i["name"] == step.item), None)
        people = [name(facts, p) for p in (item or {}).get("people") or ()]
        yield f"{_text(listed(people, 'or') or 'Somebody')} looks and signs: {_text(step.title)}."
        yield ""
    elif step.uses in BY_HAND:
        yield BY_HAND[step.uses].format(version=version)
        yield ""
    else:
        yield from _fence(_commands(facts, policy, step))


def _commands(facts: Facts, policy: Policy, step: Step) -> list[str]:
    sha, tag = str((facts.get("candidate") or {}).get("sha") or "COMMIT"), str(facts.get("tag") or "")
    database = next(iter(policy.deployment.databases.values()), None)
    service = policy.deployment.services.get(step.service)
    if step.uses == "publish":
        return _published(policy.product.main, tag, sha)
    if step.uses in ("backup", "migrate", "migrate_back") and database is not None:
        return _of_database(database, step)
    if step.uses in ("deploy", "roll_back") and service is not None:
        tag = f"v{version_before(facts)}" if step.uses == "roll_back" and version_before(facts) else tag
        return _of_host(service, step, tag)
    if step.uses in ("verify", "smoke"):
        return list(_probes(policy, step))
    return [shlex.join(step.command)] if step.command else []


def _published(main: str, tag: str, sha: str) -> list[str]:
    message = shlex.quote(f"Release {tag}")
    return [
        f"git fetch origin && git checkout -B {shlex.quote(main)} {shlex.quote('origin/' + main)}",
        f"git merge --no-ff {sha} -m {message}",
        f"git tag -a {shlex.quote(tag)} -m {message}",
        f"git push --atomic origin {shlex.quote(main)} {shlex.quote(tag)}",
    ]


def _of_database(database: Database, step: Step) -> list[str]:
    variable = database.settings.get("production", "DATABASE_URL")
    address = f'DATABASE_URL="${variable}"'
    if step.uses == "backup":
        if database.backup:
            return [f"{address} {shlex.join(database.backup)}"]
        if database.kind == "sqlite":
            file = f'"${{{variable}#sqlite:///}}"'
            return [f'sqlite3 {file} ".backup before.db"', "sqlite3 before.db 'PRAGMA integrity_check'"]
        return [f'pg_dump --format=custom --file=before.dump "${variable}"',
                'createdb scratch && pg_restore --exit-on-error --dbname=scratch before.dump']  # fmt: skip
    if step.uses == "migrate":
        return ["# in a checkout of the commit", f"{address} {shlex.join(database.apply)}"]
    if database.back:
        return ["# in a checkout of the commit that is taken back; REVISION is that of the version before",
                f"{address} {shlex.join([w.replace('{revision}', 'REVISION') for w in database.back])}"]  # fmt: skip
    return ["# there is no way down: restore the backup, with a second person, and note what is lost"]


def _of_host(service: Service, step: Step, tag: str) -> list[str]:
    back = step.uses == "roll_back"
    commit = f"commit=$(git rev-parse {shlex.quote(tag + '^{commit}')})"  # of the tag: that is what the bot deploys
    if service.host == "render":
        return [
            commit,
            f'api="${{RENDER_API_URL:-{RENDER}}}"',
            f'curl -fsS -X POST "${{api%/}}/services/{step.target}/deploys" \\',
            '  -H "Authorization: Bearer $RENDER_API_KEY" -H "Content-Type: application/json" \\',
            '  -d "{\\"commitId\\": \\"$commit\\"}"',
        ]
    if service.host == "vercel":
        word = "rollback" if back else f"deploy --prod   # in a checkout of {tag}"
        return [f'VERCEL_ORG_ID="$VERCEL_TEAM_ID" VERCEL_PROJECT_ID={step.target} vercel {word}']
    kind = "roll back" if back else "deploy"
    return [
        commit,
        f'curl -fsS -X POST "${{HOOK_HOST_URL%/}}/targets/{step.target}/deployments" \\',
        '  -H "Authorization: Bearer $HOOK_HOST_TOKEN" -H "Content-Type: application/json" \\',
        f'  -d "{{\\"kind\\": \\"{kind}\\", \\"commit\\": \\"$commit\\", \\"digest\\": \\"\\", '
        '\\"key\\": \\"$commit\\"}"',
    ]


def _probes(policy: Policy, step: Step) -> Iterator[str]:
    """One request for each check, or for each service's version."""
    rules = policy.deployment
    if step.uses == "verify":
        for service in rules.services.values():
            yield f"curl -fsS {_address(service)}{shlex.quote(service.version_path)}"
        return
    for check in rules.smoke:
        if check.environments and "production" not in check.environments:
            continue
        wants = f"   # {check.status}" + (f", contains {check.contains}" if check.contains else "")
        address = f"{_address(rules.services[check.service])}{shlex.quote(check.path)}"
        yield f"curl -sS -w '%{{http_code}}\\n' {address}{wants}"


def _address(service: Service) -> str:
    """An address, or the variable in which it lies."""
    url = str(service.urls.get("production") or "ADDRESS")
    return shlex.quote(url) if "://" in url else f'"${url}"'


# --- when it fails, and afterwards ------------------------------------------------------------------------------------


def _when_it_fails(facts: Facts, planned: Planned) -> Iterator[str]:
    before = version_before(facts)
    yield "## If it has to be taken back"
    yield ""
    if not before:
        yield "No version before this one is known: fix forward."
        yield ""
        return
    told = facts.get("schema_back") or {}
    verdict = {"yes": "runs", "no": "may not run"}.get(str(told.get("verdict")), "may or may not run")
    which = "the database, in which nothing has changed" if told.get("told") == "untouched" else "the new database"
    yield f"v{_text(before)} {verdict} on {which}. Tell support first."
    yield ""
    for number, step in enumerate(planned.plan.back, 1):
        yield from _step(facts, planned.policy, step, number)


def _booked(facts: Facts) -> Iterator[str]:
    version = str(facts.get("version") or "")
    yield "## Afterwards"
    yield ""
    yield "When the bot is back, two people record what production runs, with what they looked at as the reason:"
    yield ""
    yield from _fence([f'release-bot release "record {version} WHAT YOU LOOKED AT" --as YOU'])


def _fence(lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield "```sh"
        yield from (line.replace("```", "'''") for line in lines)
        yield "```"
        yield ""


def _text(value: object) -> str:
    """Foreign words as words: none of Markdown's signs does anything."""
    return _SIGNS.sub(r"\\\1", plain(value, 200))


def _code(value: object) -> str:
    return plain(value, 300).replace("`", "'")
