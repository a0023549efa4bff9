"""HTTP checks of what is deployed: which version answers, and the policy's smoke checks, for steps and terminal alike.

What is told of a failure names the check, the status and words of ours: never an address, a header or a body, in which
secrets may be.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.integrations.bounded import Endless, whole
from core.domain.environment_names import told_of
from core.domain.policy_pipeline import DeployPolicy, Service, SmokeCheck

AT_ONCE = 8  # requests
PATIENCE = 10.0  # seconds for one of them, its redirects included
LONGEST = 1_000_000  # bytes of an answer that are read
REDIRECTS = 5
MOVED = frozenset({301, 302, 303, 307, 308})
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_HASH = re.compile(r"\b[0-9a-f]{7,64}\b")
NAMED = 6  # failures that a line names


@dataclass(frozen=True, slots=True)
class Target:
    """What should answer: a version, and the commit it was made of; "" = whichever."""

    version: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request. `url` is empty where nobody says where the service is; `lacking` then says what is missing."""

    name: str
    url: str
    status: int = 200
    contains: str = ""
    version: bool = False
    within_ms: int = 0
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """`why` is empty when it passed; `took` are milliseconds, 0 where nothing answered."""

    name: str
    why: str = ""
    status: int = 0
    took: int = 0

    @property
    def passed(self) -> bool:
        return not self.why


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one round, in the order of the checks."""

    results: tuple[Result, ...]

    @property
    def failing(self) -> tuple[Result, ...]:
        return tuple(r for r in self.results if not r.passed)

    @property
    def passed(self) -> bool:
        return not self.failing

    @property
    def line(self) -> str:
        return f"{len(self.results) - len(self.failing)} of {len(self.results)} passed"

    @property
    def reason(self) -> str:
        named = "; ".join(f"{r.name}: {r.why}" for r in self.failing[:NAMED])
        left = len(self.failing) - NAMED
        return f"{len(self.failing)} of {len(self.results)} failed: {named}" + (f"; {left} more" if left > 0 else "")

    def found(self) -> dict[str, object]:
        """What a step keeps of it: plain values."""
        return {
            "told": self.line, "count": len(self.results), "failing": [[r.name, r.why] for r in self.failing],
            "passed": [r.name for r in self.results if r.passed],
            "slowest_ms": max((r.took for r in self.results), default=0),
        }  # fmt: skip


def smoke_probes(rules: DeployPolicy, environment: str, variables: Mapping[str, str]) -> list[Probe]:
    """The policy's smoke checks of an environment."""
    found = [c for c in rules.smoke if not c.environments or environment in c.environments]
    return [_smoke_probe(c, rules.services[c.service], environment, variables) for c in found]


def _smoke_probe(check: SmokeCheck, service: Service, environment: str, variables: Mapping[str, str]) -> Probe:
    base, lacking = _base(service, environment, variables)
    url = base.rstrip("/") + check.path if base else ""
    return Probe(check.name, url, check.status, check.contains, check.version, check.within_ms, lacking)


def version_probes(rules: DeployPolicy, environment: str, variables: Mapping[str, str], only: str = "") -> list[Probe]:
    """For each service that runs in an environment: the address that tells its version. `only`: of this service."""
    found = []
    for name, service in rules.services.items():
        if (only and name != only) or environment not in {*service.targets, *service.urls}:
            continue
        base, lacking = _base(service, environment, variables)
        url = base.rstrip("/") + service.version_path if base else ""
        found.append(Probe(service.title, url, version=True, lacking=lacking))
    return found


def _base(service: Service, environment: str, variables: Mapping[str, str]) -> tuple[str, str]:
    """The service's address, else what is missing of it."""
    told = told_of(environment, service.urls) or ""
    if not told:
        return "", f"the policy has no address of {service.title} in {environment}"
    if _ADDRESS.match(told):
        return told, ""
    given = variables.get(told, "")
    if not _ADDRESS.match(given):
        return "", f"{told} is {'no web address' if given else 'not set'}"
    return given, ""


async def probe(
    probes: Sequence[Probe], target: Target, seen: Callable[[Result], None] | None = None, patience: float = PATIENCE
) -> Report:
    """Ask all of them, some at once; `seen` hears of each as it ends. Never raises for what answers or does not."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=patience), cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "release-bot", "Cache-Control": "no-cache"}, trust_env=False,
    ) as session:  # fmt: skip

        async def one(it: Probe) -> Result:
            async with gate:
                result = await _asked(session, it, target, patience)
            if seen is not None:
                seen(result)
            return result

        return Report(tuple(await asyncio.gather(*(one(it) for it in probes))))


async def _asked(session: aiohttp.ClientSession, it: Probe, target: Target, patience: float) -> Result:
    if it.lacking or not it.url:
        return Result(it.name, it.lacking or "nobody says where it is")
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(patience):
            status, body, why = await _followed(session, it)
    except TimeoutError:
        return Result(it.name, f"did not answer within {patience:g} s")
    except Endless:
        return Result(it.name, f"the answer is longer than {LONGEST // 1000} KB")
    except aiohttp.ClientConnectorCertificateError:
        return Result(it.name, "its certificate does not hold")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Result(it.name, _unreachable(error))
    took = round((loop.time() - began) * 1000)
    return Result(it.name, why or _judged(it, status, body, took, target), status, max(took, 1))


async def _followed(session: aiohttp.ClientSession, it: Probe) -> tuple[int, str, str]:
    """Status and body at the end of the redirects; the third is what is wrong with those."""
    url = it.url
    for _ in range(REDIRECTS + 1):
        async with session.get(url, allow_redirects=False) as answer:
            where = answer.headers.get("Location", "")
            if answer.status not in MOVED or answer.status == it.status or not where:
                body = await whole(answer, LONGEST)
                return answer.status, body.decode(errors="replace"), ""
            further = urljoin(url, where)
            if not _same_host(it.url, further):
                return answer.status, "", f"answered {answer.status}, a redirect to another host"
            url = further
    return 0, "", f"more than {REDIRECTS} redirects"


def _same_host(one: str, other: str) -> bool:
    """Whether a redirect stays where we asked; from http to https of the same name is staying."""
    first, then = urlsplit(one), urlsplit(other)
    if first.hostname != then.hostname or then.scheme not in ("http", "https"):
        return False
    usual = (first.scheme, then.scheme) == ("http", "https") and first.port is None and then.port is None
    return usual or (first.scheme, first.port) == (then.scheme, then.port)


def _judged(it: Probe, status: int, body: str, took: int, target: Target) -> str:
    """What is wrong with an answer; "" when nothing is."""
    if status != it.status:
        return f"answered {status} instead of {it.status}"
    if it.contains and it.contains not in body:
        return f"the answer lacks “{it.contains[:60]}”"
    if it.version and not names(body, target):
        return _another(body, target)
    if it.within_ms and took > it.within_ms:
        return f"took {took} ms; {it.within_ms} are allowed"
    return ""


def names(body: str, target: Target) -> bool:
    """Whether an answer names the version or the commit, whole or by its first seven signs or more."""
    if target.commit and any(target.commit.startswith(found) for found in _HASH.findall(body.lower())):
        return True
    if not target.version:
        return not target.commit
    return re.search(rf"(?<![\w.+-])v?{re.escape(target.version)}(?![\w+-]|\.\w)", body) is not None


def _another(body: str, target: Target) -> str:
    found = re.search(r"(?<![\w.])v?(\d{1,5}\.\d{1,5}\.\d{1,5}(?:-[a-z]{1,10}\.\d{1,4})?)(?![\w.])", body[:5000])
    wanted = f"v{target.version}" if target.version else target.commit[:7]
    return f"it is v{found[1]}, not {wanted}" if found else f"the answer does not name {wanted}"


def _unreachable(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name is not known"
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
        return "the connection broke off"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "cannot be reached"
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return "its address cannot be read"
    return f"did not answer as a web server does ({type(error).__name__})"
