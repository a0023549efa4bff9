"""What a refusal of Slack's means: is it for good, may the same call work later, may it have been done all the same."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from core.errors import IntegrationError

LATER = frozenset(
    {  # the same call may work later
        "ratelimited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "accesslimited",
        "update_failed",
    }
)
DOUBTFUL = frozenset({"internal_error", "fatal_error", "request_timeout"})  # part of it may have been done
NO_CHANNEL = frozenset({"channel_not_found", "not_in_channel", "is_archived"})


NEEDED: dict[str, tuple[str, type]] = {  # without it an answer was not Slack's, whatever it says of itself
    "auth.test": ("user_id", str),
    "chat.postMessage": ("ts", str),
    "conversations.history": ("messages", list),
    "conversations.info": ("channel", dict),
    "conversations.list": ("channels", list),
    "conversations.open": ("channel", dict),
    "conversations.replies": ("messages", list),
    "files.completeUploadExternal": ("files", list),
    "files.getUploadURLExternal": ("upload_url", str),
    "usergroups.list": ("usergroups", list),
    "usergroups.users.list": ("users", list),
    "users.info": ("user", dict),
}


def complete(method: str, answer: AsyncSlackResponse) -> None:
    """Raises IntegrationError for an answer without what it is asked for: a proxy, or half a line.

    An empty group would take everybody's role, and a message without a place could never be edited.
    """
    name, kind = NEEDED.get(method, ("ok", bool))
    if not isinstance(answer.get(name), kind):
        why = f"{method}: an answer without {name}"
        raise IntegrationError("slack", why, retryable=True, doubt=True, code="no_answer", method=method)


def refused(method: str, error: SlackApiError) -> IntegrationError:
    answer = error.response
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0))
    data = getattr(answer, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    headers = getattr(answer, "headers", {}) or {}
    if status == 429 or code == "ratelimited":
        wait = float(headers.get("Retry-After") or headers.get("retry-after") or 1)
        return IntegrationError(
            "slack", f"{method}: rate limited", retryable=True, retry_after=wait, code="ratelimited", method=method
        )
    if status >= 500 or not code:
        return IntegrationError(
            "slack", f"{method}: HTTP {status}", retryable=True, doubt=True, code=f"http_{status}", method=method
        )
    detail = (data or {}).get("response_metadata") if isinstance(data, dict) else None
    return IntegrationError(
        "slack",
        f"{method}: {code}",
        retryable=code in LATER,
        doubt=code in DOUBTFUL,
        code=code,
        method=method,
        detail=detail or {},
    )
