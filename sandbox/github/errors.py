"""The refusals of GitHub: status, words, and the details that its validation gives."""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.github.com/rest"


class GitHubError(Exception):
    """A call that GitHub refuses."""

    def __init__(
        self, status: int, message: str, errors: list[Any] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """The JSON answer that GitHub would give."""
        told: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            told["errors"] = self.errors
        return {**told, "documentation_url": DOCS, "status": str(self.status)}


def not_found() -> GitHubError:
    return GitHubError(404, "Not Found")


def invalid(resource: str, field: str, code: str = "invalid", value: object = None) -> GitHubError:
    """A field that is missing, unusable or taken: `code` is missing_field, invalid or already_exists."""
    detail = {"resource": resource, "code": code, "field": field, **({} if value is None else {"value": value})}
    return GitHubError(422, "Validation Failed", [detail])


def wrong(resource: str, message: str, field: str = "") -> GitHubError:
    """A rule that has no code of its own."""
    detail = {"resource": resource, "code": "custom", "message": message, **({"field": field} if field else {})}
    return GitHubError(422, "Validation Failed", [detail])


def too_long(resource: str, field: str, most: int) -> GitHubError:
    return wrong(resource, f"{field} is too long (maximum is {most} characters)", field)
