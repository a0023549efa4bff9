"""Which repository is meant, where its API answers, and the token, which is shown nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, the way two of them are compared."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


@dataclass(frozen=True, slots=True)
class GitHubSettings:
    """`repository` is owner/name; `api_url` is api.github.com or the /api/v3 of a GitHub Enterprise Server."""

    repository: str
    token: str = field(repr=False)
    api_url: str = "https://api.github.com"
    timeout: float = 20.0  # seconds for one request
    app_id: str = ""
    app_key: str = field(default="", repr=False)  # in PEM form, line ends may be written as \\n

    def __post_init__(self) -> None:
        if not _REPOSITORY.fullmatch(self.repository):
            raise ValueError(f"{self.repository!r} is no GitHub repository: write owner/name")
        if not self.token or not self.token.isascii() or not self.token.isprintable() or " " in self.token:
            raise ValueError("GITHUB_TOKEN has characters that no token has")

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    @property
    def origins(self) -> frozenset[str]:
        """Where the token may be sent: the API, and the host that takes the files of a release."""
        parts = urlsplit(self.api_url)
        host = (parts.hostname or "").lower()
        uploads = f"{parts.scheme}://uploads.{host.removeprefix('api.')}"
        return frozenset({origin_of(self.api_url), *([origin_of(uploads)] if host.startswith("api.") else [])})
