"""The remote's address, taken apart so that no credential reaches a command line, a message or a log."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from core.errors import IntegrationError

_SCHEMES = ("http", "https", "ssh", "git", "file")
_SCP = re.compile(r"(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9.-]+:(?!:)[^\s]+")
_USERINFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_TOKENS = re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{10,}|github_pat_\w{10,}|glpat-[\w-]{10,}|xox[a-z]-[\w-]{8,})")
_HEADER = re.compile(r"(?i)(authorization:\s*)(?:(?:basic|bearer|token)\s+)?\S+")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_LASTING = (  # words of git for "the same call will fail again", and the reason to give
    (re.compile(r"does not appear to be a git repository|repository .*not found", re.I), "missing"),
    (re.compile(r"not found: did you run|does not exist|The requested URL returned error: 404", re.I), "missing"),
    (re.compile(r"Authentication failed|could not read (?:Username|Password)|Invalid username", re.I), "denied"),
    (re.compile(r"Permission denied|Permission to .* denied|returned error: 40[13]|access denied", re.I), "denied"),
    (re.compile(r"Host key verification failed|detected dubious ownership|transport .* not allowed", re.I), "denied"),
)
_SENTENCES = {
    "missing": "The git remote was not found.",
    "denied": "The git remote refuses access.",
    "timeout": "The git remote did not answer in time.",
    "unreachable": "The git remote could not be reached.",
}


@dataclass(frozen=True, slots=True)
class Remote:
    """`url` goes on the command line, `environment` carries the credentials, `secrets` are never shown."""

    url: str
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, address: str) -> Remote:
        """Take a path, an address or the short ssh form; everything else is a wrong setting."""
        if not address.strip() or address.startswith("-") or "::" in address or not address.isprintable():
            raise ValueError("PRODUCT_REPO must be a path or the address of a git repository")
        if "://" in address:
            return cls._from_address(address)
        if _SCP.fullmatch(address) and not Path(address).exists():
            return cls(address)
        return cls(str(Path(address).expanduser().absolute()))

    @classmethod
    def _from_address(cls, address: str) -> Remote:
        parts = urlsplit(address)
        if parts.scheme not in _SCHEMES:
            raise ValueError(f"PRODUCT_REPO: git over {parts.scheme!r} is not supported, only {', '.join(_SCHEMES)}")
        userinfo, at, host = parts.netloc.rpartition("@")
        if not at or parts.scheme not in ("http", "https"):
            secret = unquote(parts.password or "")
            return cls(address, secrets=(secret,) if secret else ())
        user, _, password = userinfo.partition(":")
        plain = f"{unquote(user)}:{unquote(password)}"
        coded = base64.b64encode(plain.encode()).decode()
        header = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{parts.scheme}://{host}/.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {coded}",
        }
        # A token is often given as the user name alone, so both halves are secret.
        secrets = {userinfo, plain, coded, *(half for raw in (user, password) for half in (raw, unquote(raw)) if half)}
        return cls(urlunsplit(parts._replace(netloc=host)), header, tuple(sorted(secrets, key=len, reverse=True)))

    def clean(self, text: str, longest: int = 600) -> str:
        """Words of git or of the remote that may be shown: no credentials, no control characters, cut."""
        text = _CONTROL.sub("", text.replace("\r", "\n"))
        for secret in self.secrets:
            if len(secret) >= 4:  # shorter ones would blank out innocent letters; the address forms catch them
                text = text.replace(secret, "***").replace(quote(secret, safe=""), "***")
        text = _HEADER.sub(r"\1***", _TOKENS.sub("***", _USERINFO.sub("***", text)))
        text = "\n".join(line.strip() for line in text.split("\n") if line.strip())
        return text if len(text) <= longest else text[: longest - 1] + "…"

    def failure(self, stderr: str, *, doubt: bool = False) -> IntegrationError:
        """What git said on stderr as an error with a plain sentence, the cleaned words beside it."""
        reason = next((reason for words, reason in _LASTING if words.search(stderr)), "unreachable")
        return self.error(reason, words=stderr, doubt=doubt)

    def error(self, reason: str, *, words: str = "", doubt: bool = False) -> IntegrationError:
        retryable = reason in ("timeout", "unreachable")
        return IntegrationError(
            "git", _SENTENCES[reason], retryable=retryable, doubt=doubt, reason=reason, words=self.clean(words)
        )
