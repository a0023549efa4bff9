"""Looks at everything the bot needs and says for each thing that is wrong what to do."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import SystemClock
from bot.doctor_arrived import arrivals
from bot.doctor_forge import findings
from bot.doctor_hosts import host_findings
from bot.doctor_tracker import tracker_findings
from bot.integrations.gitrepo import GitRepository, GitSettings
from bot.integrations.slack import Slack, make_client, make_session
from bot.policy_start import PolicyRefused, read_policy
from bot.settings import Settings
from bot.slack_methods import needs
from core.domain.policy import Policy, PolicyFaults
from core.domain.versions import foreign, newest
from core.errors import Busy, IntegrationError, NotFound
from core.store.clashes import DATABASE_FAULTS, words_of
from core.store.engines import Database
from core.store.pulse import beat
from core.store.reads import Reads
from core.store.unit_of_work import Store
from core.store.upgrade import current, head
from core.usecases.agreement import differing
from core.usecases.context import Context
from core.usecases.measuring import astray

OLDEST_GIT = (2, 38)
SKEW = 60.0
AGAIN = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `todo` is for a person."""

    what: str
    ok: bool
    said: str
    todo: str = ""


async def examine(settings: Settings) -> list[Check]:
    """Every check, in the order in which they should be mended. Only the row of `core.store.pulse` is written."""
    found = [_policy(settings), _git()]
    policy = _policy_of(settings)
    found += [check async for check in _store(settings, policy)]
    found += [check async for check in _repository(settings, policy)]
    found += [Check(*finding) async for finding in findings(settings, policy)]
    found += [Check(*finding) async for finding in tracker_findings(settings)]
    found += [Check(*finding) async for finding in host_findings(settings, policy)]
    async with _slack(settings) as slack:
        if slack is None:
            found.append(
                Check(
                    "token",
                    False,
                    "SLACK_BOT_TOKEN is not set",
                    "copy the bot token of your Slack app from OAuth & Permissions",
                )
            )
        else:
            found += [check async for check in _workspace(slack, policy)]
    return found


def _policy_of(settings: Settings) -> Policy | None:
    try:
        return read_policy(settings.release_policy)
    except (PolicyRefused, PolicyFaults):
        return None


def _policy(settings: Settings) -> Check:
    try:
        policy = read_policy(settings.release_policy)
    except (PolicyRefused, PolicyFaults) as wrong:
        return Check("policy", False, str(wrong), "mend the file; `release-bot policy check` names every fault")
    return Check("policy", True, f"{settings.release_policy}, serial {policy.serial}, {len(policy.people)} people")


def _git() -> Check:
    try:
        told = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return Check("git", False, "git does not run", "install git 2.38 or newer")
    number = told.split()[2] if len(told.split()) > 2 else "0"
    version = tuple(int(part) for part in number.split(".")[:2] if part.isdigit())
    return Check(
        "git",
        version >= OLDEST_GIT,
        f"version {number}",
        "" if version >= OLDEST_GIT else "install git 2.38 or newer: older ones cannot merge without a checkout",
    )


async def _store(settings: Settings, policy: Policy | None) -> AsyncIterator[Check]:
    try:
        known = await current(settings.database)
    except DATABASE_FAULTS as error:
        yield Check("store", False, f"it does not answer: {words_of(error)}", "check DATABASE_URL")
        return
    if known is None:
        yield Check("store", True, "empty; the first start fills it")
        return
    if known != head():
        yield Check("store", False, f"schema {known}, this version needs {head()}", "run `release-bot db upgrade`")
        return
    database = Database.open(settings.database)
    try:
        yield await _standing(database, known)
        if policy is not None:
            git = GitRepository(GitSettings(settings.product_repo or ".", settings.data_dir / "git"))
            ctx = Context(Store(database, "doctor"), Reads(database), SystemClock(), git, policy.product.key)
            yield await _releases(ctx)
            yield await _measured(ctx)
            if settings.product_repo:
                async for finding in arrivals(ctx, policy):
                    yield Check(*finding)
    finally:
        await database.close()


async def _standing(database: Database, schema: str) -> Check:
    try:
        standing = await Reads(database).standing()
        await beat(database)
    except Busy as error:
        return Check("store", False, str(error), "make room, or give the bot a database that it may write")
    if standing.stuck:
        return Check("store", False, f"{standing.stuck} effects wait for a person", "run `release-bot outbox list`")
    return Check("store", True, f"schema {schema}, oldest waiting effect {standing.oldest:.0f} s")


async def _releases(ctx: Context) -> Check:
    """Asked twice: what is written meanwhile may look like a difference."""
    try:
        first = await differing(ctx)
        if first:
            await asyncio.sleep(AGAIN)
        lasting = {v: names for v, names in (await differing(ctx)).items() if v in first} if first else {}
    except (PolicyFaults, NotFound) as error:
        return Check("releases", False, f"a policy that a release keeps cannot be read: {error}", "restore a backup")
    if not lasting:
        return Check("releases", True, "what people see is what the rows say")
    told = "; ".join(f"v{version}: {', '.join(names)}" for version, names in lasting.items())
    return Check(
        "releases",
        False,
        f"what people see differs from the rows of {told}",
        "each next change writes it anew; if somebody edited the database, compare with `release-bot audit verify` "
        "and a backup",
    )


async def _measured(ctx: Context) -> Check:
    """Asked twice, for the same reason."""
    first = await astray(ctx)
    if first:
        await asyncio.sleep(AGAIN)
    lasting = [version for version in await astray(ctx) if version in first] if first else []
    told = ", ".join(f"v{version}" for version in lasting)
    return Check(
        "metrics",
        not lasting,
        f"the rows of {told} are not what the record says" if lasting else "their rows are what the record says",
        "run `release-bot metrics --rebuild`" if lasting else "",
    )


async def _repository(settings: Settings, policy: Policy | None) -> AsyncIterator[Check]:
    if not settings.product_repo:
        yield Check(
            "repository", False, "PRODUCT_REPO is not set", "set the path or address of the product's repository"
        )
        return
    try:
        state = await GitRepository(GitSettings(settings.product_repo, settings.data_dir / "git")).look(0.0)
    except (IntegrationError, ValueError) as error:
        yield Check("repository", False, str(error), "check PRODUCT_REPO and the access of this machine")
        return
    last = newest(state.tags)
    others = len(foreign(state.tags))
    aside = f"; {others} tags of another form are left alone" if others else ""
    found = f"newest version {last.tag if last else 'none yet'}{aside}"
    yield Check("repository", True, f"{len(state.heads)} branches, {found}")
    if policy is None:
        return
    for branch in filter(None, (policy.product.main, policy.product.develop)):
        there = branch in state.heads
        yield Check(
            f"branch {branch}",
            there,
            "is there" if there else "is not in the repository",
            "" if there else 'push it, or change [product] in the policy (develop = "" when there is none)',
        )


@asynccontextmanager
async def _slack(settings: Settings) -> AsyncIterator[Slack | None]:
    if not settings.bot_token:
        yield None
        return
    session = make_session()
    try:
        yield Slack(make_client(settings.bot_token, settings.slack_api_url, session))
    finally:
        await session.close()


async def _workspace(slack: Slack, policy: Policy | None) -> AsyncIterator[Check]:
    try:
        me = await slack.identity()
    except IntegrationError as error:
        yield Check("token", False, str(error), _after(error))
        return
    yield Check("token", True, f"{me.user_id} in {me.team}")
    if me.scopes:
        lacking = sorted({scope for scopes in needs(me.scopes).values() for scope in scopes})
        yield Check(
            "scopes",
            not lacking,
            f"{len(me.scopes)} granted" if not lacking else f"missing {', '.join(lacking)}",
            "" if not lacking else "paste `release-bot manifest` into the app and install it again",
        )
    yield Check(
        "clock",
        abs(slack.skew) < SKEW,
        f"{abs(slack.skew):.0f} s off Slack's",
        "" if abs(slack.skew) < SKEW else "set this machine's clock: at 300 s every request is refused",
    )
    if policy is not None:
        for checks in (_channels(slack, policy), _people(slack, policy), _groups(slack, policy)):
            async for check in checks:
                yield check


async def _channels(slack: Slack, policy: Policy) -> AsyncIterator[Check]:
    for audience in ("team", "stakeholders", "support"):
        name = str(getattr(policy.channels, audience)).removeprefix("#")
        what = f"channel #{name}"
        try:
            channel = await slack.channel(name)
        except IntegrationError as error:
            yield Check(what, False, str(error), f"create #{name} and invite the bot, or change [channels]")
            continue
        if channel.get("is_archived"):
            yield Check(what, False, "is archived", "unarchive it, or name another one in [channels]")
        elif not channel.get("is_member"):
            yield Check(what, False, "the bot is not in it", f"type /invite @Release Bot in #{name}")
        else:
            yield Check(what, True, f"the bot is in it ({audience})")


async def _people(slack: Slack, policy: Policy) -> AsyncIterator[Check]:
    for key, person in policy.people.items():
        try:
            profile = await slack.profile(person.slack)
        except IntegrationError as error:
            yield Check(f"person {key}", False, f"{person.slack}: {error}", "correct [people] in the policy")
            continue
        good = profile.standing == "member"
        yield Check(
            f"person {key}",
            good,
            f"{profile.name}, {profile.standing}",
            "" if good else "only full members can hold a role: change [people] or [roles]",
        )


async def _groups(slack: Slack, policy: Policy) -> AsyncIterator[Check]:
    for role, group in policy.groups().items():
        try:
            people = await slack.group_members(group)
        except IntegrationError as error:
            yield Check(f"group of {role}", False, f"{group}: {error}", "correct `group` in [roles], or name people")
            continue
        yield Check(
            f"group of {role}",
            bool(people),
            f"{group} has {len(people)} members",
            "" if people else "nobody could sign for this role: add somebody to the group",
        )


def _after(error: IntegrationError) -> str:
    code = error.facts.get("code")
    if code in ("invalid_auth", "not_authed", "token_revoked", "account_inactive"):
        return "the token is not accepted: copy it anew from OAuth & Permissions"
    return "Slack could not be reached from this machine"
