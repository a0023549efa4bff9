"""Logs as JSON lines or for a console, with secrets taken out whatever they stand in."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog
from aiohttp.http import HttpProcessingError

from bot.hidden import hidden_values
from bot.settings import Settings

QUIET = ("slack_bolt", "slack_sdk", "aiohttp.access", "apscheduler", "aiosqlite", "git", "alembic")
HIDDEN = "(hidden)"


class Redactor:
    """Replaces each secret in every value of an event."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(sorted((s for s in set(secrets) if len(s) >= 4), key=len, reverse=True))

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self._value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(inner) for inner in value]
        if isinstance(value, bool | int | float | None):
            return value
        return self.text(str(value))

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key in list(event):
            event[key] = self._value(event[key])
        return event


def quiet_noise(record: logging.LogRecord) -> bool:
    """What a stranger sends that is no HTTP is no error of ours: a line at level debug, if at all."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.levelno, record.levelname, record.exc_info = logging.DEBUG, "DEBUG", None
        return logging.getLogger(record.name).isEnabledFor(logging.DEBUG)
    return True


def configure_logging(settings: Settings) -> None:
    """Send structlog and the standard library's loggers through one chain to stderr."""
    redact = Redactor(hidden_values(os.environ, known=settings.secrets))  # those of the product stand in a trace too
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
    ]
    if settings.log_format == "json":
        last.append(structlog.processors.JSONRenderer())
    else:
        last.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    server = logging.getLogger("aiohttp.server")
    server.filters[:] = [quiet_noise]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def log(name: str) -> Any:
    """The logger of a module."""
    return structlog.stdlib.get_logger(name)
