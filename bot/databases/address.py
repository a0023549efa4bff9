"""The address of a database: read from one variable, given to tools by their own variables, never shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.databases.faults import DatabaseFault, Exit

VARIABLE = "DATABASE_URL"
SCRATCH = "SCRATCH_DATABASE_URL"  # another server to prove restore points on; the same one when it is not set
_KEPT = frozenset({"PGPASSFILE", "PGSYSCONFDIR"})
_OF_LIBPQ = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS", "channel_binding": "PGCHANNELBINDING", "target_session_attrs": "PGTARGETSESSIONATTRS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """`kind` is "postgresql", "sqlite" or another scheme that only commands understand."""

    text: str = field(repr=False)
    kind: str
    url: URL | None = field(default=None, repr=False)

    @property
    def file(self) -> Path:
        return Path(str(self.url.database if self.url else ""))

    @property
    def print(self) -> str:
        """Which database this is, without telling where: equal for two addresses of one database."""
        if self.url is None:
            return _short(self.text)
        host = self.url.host or str(self.url.query.get("host", ""))
        port = self.url.port or self.url.query.get("port", "")
        where = str(self.file.resolve()) if self.kind == "sqlite" else f"{host}:{port or 5432}/{self.url.database}"
        return _short(f"{self.kind}:{where}")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any output, longest first."""
        password = str(self.url.password) if self.url is not None and self.url.password else ""
        found = {self.text, password, quote(password, safe="")}
        return tuple(sorted((s for s in found if len(s) > 3), key=len, reverse=True))

    def dsn(self, database: str = "") -> str:
        assert self.url is not None
        url = self.url.set(drivername="postgresql", database=database or self.url.database)
        return url.render_as_string(hide_password=False)

    def variables(self, environment: Mapping[str, str], database: str = "") -> dict[str, str]:
        """The environment for PostgreSQL's own tools: nothing of ours but this address."""
        assert self.url is not None
        kept = {n: v for n, v in environment.items() if not n.startswith("PG") or n in _KEPT}
        query = self.url.query
        found = {
            "PGHOST": self.url.host or query.get("host", ""), "PGPORT": self.url.port or query.get("port", ""),
            "PGUSER": self.url.username or "", "PGPASSWORD": self.url.password or "",
            "PGDATABASE": database or self.url.database or "", "PGCONNECT_TIMEOUT": "10", "PGAPPNAME": "release-bot",
        }  # fmt: skip
        found |= {variable: query.get(name, "") for name, variable in _OF_LIBPQ.items()}
        return kept | {n: str(v) for n, v in found.items() if v != ""}


def address_of(text: str, kind: str = "", variable: str = VARIABLE) -> Address:
    """Read an address. `kind` is what the policy says; an address of another kind is a wrong one."""
    if not text:
        raise DatabaseFault(Exit.NOT_BEGUN, f"{variable} is not set: nobody says where the database is.")
    try:
        url = make_url(text)
        scheme = url.get_backend_name()
        read = Address(text, "postgresql" if scheme == "postgres" else scheme, url)
    except (ArgumentError, ValueError):
        read = Address(text, "unknown")
    if kind in ("postgresql", "sqlite") and read.kind != kind:
        raise DatabaseFault(
            Exit.NOT_BEGUN, f"{variable} is a wrong address: the policy speaks of {kind}, and this is none of that."
        )
    if read.kind == "sqlite" and not read.file.is_absolute():
        raise DatabaseFault(Exit.NOT_BEGUN, f"{variable}: the file has to be named with its whole path.")
    return read


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
