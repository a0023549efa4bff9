"""What a refusal of GitHub's means: is it down, full, forbidden, not there, or wrong; and when to come again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gidgethub import GitHubBroken, HTTPException, RateLimitExceeded

from bot.integrations.bounded import dated, number, plain
from core.domain.forge import Reason
from core.errors import IntegrationError

LONGEST_WAIT = 3600.0  # GitHub's windows are an hour; a header that says more is not believed
UNNAMED_WAIT = 60.0  # what GitHub asks for when it names no time


def error(reason: Reason, words: str, *, retryable: bool = False, **more: Any) -> IntegrationError:
    """One IntegrationError of this vendor; `more` are its facts, `doubt` and `retry_after`."""
    more = {"until": None, "status": 0, "code": f"github_{reason}", **more}
    return IntegrationError("github", words, retryable=retryable, reason=reason, **more)


def refused(what: str, told: HTTPException, *, writes: bool) -> IntegrationError:
    """GitHub answered, and it was a no. `what` is the method and path, never a whole address."""
    status, headers = int(told.status_code), told.headers
    words = f"GitHub, {what}: {plain(str(told)) or status}"
    if status == 429 or isinstance(told, RateLimitExceeded) or _is_secondary(status, told):
        wait, until = when_again(headers)
        return error("rate", words, retryable=True, retry_after=wait, until=until, status=status)
    if isinstance(told, GitHubBroken) or status >= 500 or status == 408:
        return error("down", words, retryable=True, doubt=writes, status=status)
    if status in (401, 403):
        needs = plain(headers.get("x-accepted-github-permissions", ""))
        return error("denied", f"{words} (needs {needs})" if needs else words, status=status, needs=needs)
    if status in (404, 410):
        return error("missing", words, status=status)
    return error("refused", words, status=status, errors=_errors(told))


def when_again(headers: Mapping[str, str]) -> tuple[float, datetime | None]:
    """Seconds to wait, and the instant, by GitHub's own clock: ours may differ."""
    here = dated(headers)
    told = number(headers.get("retry-after"))
    if told is None and headers.get("x-ratelimit-remaining") == "0" and here is not None:
        reset = number(headers.get("x-ratelimit-reset"))
        told = None if reset is None else reset - here.timestamp()
    wait = min(max(UNNAMED_WAIT if told is None else told, 1.0), LONGEST_WAIT)
    return wait, here + timedelta(seconds=wait) if here is not None else None


def codes(told: IntegrationError) -> frozenset[str]:
    """The codes of a validation error: already_exists, invalid, custom, ..."""
    return frozenset(str(one.get("code", "")) for one in _listed(told))


def says(told: IntegrationError, words: str) -> bool:
    """Whether one of the messages of a validation error has these words; GitHub has no code for some of them."""
    return any(words in str(one.get("message", "")) for one in _listed(told))


def _is_secondary(status: int, told: HTTPException) -> bool:
    """The second limit comes as 403, often without a header that says so."""
    words = str(told).lower()
    return status == 403 and ("retry-after" in told.headers or "secondary rate limit" in words or "abuse" in words)


def _errors(told: HTTPException) -> list[Any]:
    errors = getattr(told, "errors", None)
    return errors[:20] if isinstance(errors, list) else []


def _listed(told: IntegrationError) -> list[Mapping[str, Any]]:
    errors = told.facts.get("errors")
    return [one for one in errors if isinstance(one, Mapping)] if isinstance(errors, list) else []
