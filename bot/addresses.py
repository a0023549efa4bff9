"""Addresses in settings: whether one stays on this machine, what of it is a secret, and how one must look."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def credentials(address: str) -> list[str]:
    """The secret of an address, as it stands there and decoded; a token is often given as the user alone."""
    parts = urlsplit(address)
    alone = parts.username if parts.scheme in ("http", "https") else None
    secret = parts.password if parts.password not in (None, "", "x-oauth-basic") else alone
    return [secret, unquote(secret)] if secret else []


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no http or https address")
    return url.rstrip("/") + "/"


Address = Annotated[str, AfterValidator(_address)]
