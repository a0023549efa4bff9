"""The refusals of the workspace: Slack's own error codes, carried as exceptions."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A call that Slack refuses: `code` is the word in `error`, `messages` explain it to the developer."""

    def __init__(self, code: str, *messages: str, **extra: Any) -> None:
        super().__init__(code if not messages else f"{code}: {'; '.join(messages)}")
        self.code = code
        self.messages = list(messages)
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON answer that Slack would give."""
        answer: dict[str, Any] = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            answer["response_metadata"] = {"messages": list(self.messages)}
            if self.code in ("invalid_blocks", "invalid_arguments"):
                answer["errors"] = list(self.messages)
        return answer


class NotThere(LookupError):
    """A person tried to use something that this person cannot see; the text lists what there is instead."""
