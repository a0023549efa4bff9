"""Settings from environment variables: addresses, secrets and the pace of tests; what a release needs is policy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.addresses import Address, credentials, is_loopback
from bot.tokens import SHORTEST_SECRET, flag_readers, sources
from core.errors import ReleaseBotError
from core.store.engines import with_driver

TO_SERVE = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "PRODUCT_REPO")
WORDS = {
    "SLACK_BOT_TOKEN": "the bot token of the Slack app (xoxb-...), from OAuth & Permissions",
    "SLACK_SIGNING_SECRET": "the signing secret of the Slack app, from Basic Information",
    "PRODUCT_REPO": "the path or address of the product's git repository",
}


class SettingsFaults(ReleaseBotError):
    """The settings cannot be used."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{name}: {why}" for name, why in self.faults))


Folder = Annotated[Path, AfterValidator(Path.absolute)]  # git and other processes work in folders of their own


class Settings(BaseSettings):
    """One field for each variable; the variable is the field's name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    slack_bot_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: Address = AsyncWebClient.BASE_URL
    data_dir: Folder = Field(default=Path("data"), validate_default=True)
    database_url: SecretStr | None = None
    github_token: SecretStr | None = None
    github_api_url: Address = "https://api.github.com/"
    github_webhook_secret: SecretStr | None = None
    github_app_id: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,60}$")
    github_app_key: SecretStr | None = None
    evidence_tokens: SecretStr | None = None
    flag_tokens: SecretStr | None = None
    metrics_token: SecretStr | None = None
    jira_url: Address | None = None
    jira_email: str = ""
    jira_token: SecretStr | None = None
    render_api_key: SecretStr | None = None
    render_api_url: Address = "https://api.render.com/v1/"
    vercel_token: SecretStr | None = None
    vercel_api_url: Address = "https://api.vercel.com/"
    vercel_team_id: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,100}$")
    vercel_repository: str = Field(default="", pattern=r"^$|^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$")
    hook_host_url: Address | None = None
    hook_host_token: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)
    public_url: Address | None = None
    release_policy: Path = Path("release_policy.toml")
    product_repo: str | None = Field(default=None, repr=False)  # may hold a token
    clock_url: Address | None = None
    log_format: Literal["json", "console"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    # For tests and the sandbox: how long a lost message may still land, and one factor for all of Slack's rates.
    settle_seconds: float = Field(default=15.0, ge=0, le=120)
    pace_scale: float = Field(default=1.0, ge=0, le=1)
    # Where an environment has no pipeline: how long its simulated host takes, and "production:1.3.0=why" for faults.
    simulated_seconds: float = Field(default=0.0, ge=0, le=60)
    simulated_fault: str = ""

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _begins(value, "xoxb-", "a bot token")

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _begins(value, "xapp-", "an app-level token")

    @field_validator("github_token", "jira_token", "render_api_key", "vercel_token", "hook_host_token")
    @classmethod
    def _forge_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[!-~]+", value.get_secret_value()):
            raise ValueError("has characters that no token has")
        return value

    @field_validator("github_api_url", "jira_url", "render_api_url", "vercel_api_url", "hook_host_url")
    @classmethod
    def _sent_in_secret(cls, value: str | None) -> str | None:
        if value is not None and value.startswith("http:") and not is_loopback(value):
            raise ValueError("must begin with https: the token would be readable on the way")
        return value

    @field_validator("jira_url")
    @classmethod
    def _only_an_address(cls, value: str | None) -> str | None:
        if value is not None and ("@" in urlsplit(value).netloc or urlsplit(value).query or urlsplit(value).fragment):
            raise ValueError("is more than an address: account and token have settings of their own")
        return value

    @field_validator("jira_email")
    @classmethod
    def _account(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^\s:]+@[^\s:]+", value):
            raise ValueError("is no mail address; leave it out for a Data Center")
        return value

    @field_validator("github_webhook_secret")
    @classmethod
    def _hook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"is too short: {SHORTEST_SECRET} random characters at least, as GitHub signs with it")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(rf"[!-~]{{{SHORTEST_SECRET},}}", value.get_secret_value()):
            raise ValueError(f"is no token: {SHORTEST_SECRET} random characters at least, as Prometheus shows it")
        return value

    @field_validator("evidence_tokens")
    @classmethod
    def _evidence_sources(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            sources(value.get_secret_value())
        return value

    @field_validator("flag_tokens")
    @classmethod
    def _flag_readers(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            flag_readers(value.get_secret_value())
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                with_driver(value.get_secret_value())
            except (SQLAlchemyError, ValueError) as error:
                raise ValueError(_without(str(error), value.get_secret_value())) from None
        return value

    @field_validator("product_repo")
    @classmethod
    def _repository(cls, value: str | None) -> str | None:
        if value is not None and value.lstrip().startswith("-"):
            raise ValueError("begins with a dash; git would read it as an option")
        return value

    @field_validator("clock_url", "settle_seconds", "pace_scale", "simulated_seconds", "simulated_fault")
    @classmethod
    def _only_in_the_sandbox(cls, value: Any, info: ValidationInfo) -> Any:
        default = cls.model_fields[str(info.field_name)].default
        api = info.data.get("slack_api_url")
        if value != default and api is not None and not is_loopback(api):
            raise ValueError("is for the sandbox only: SLACK_API_URL is not on this machine")
        return value

    @property
    def bot_token(self) -> str:
        return self.slack_bot_token.get_secret_value() if self.slack_bot_token else ""

    @property
    def signing_secret(self) -> str:
        return self.slack_signing_secret.get_secret_value() if self.slack_signing_secret else ""

    @property
    def app_token(self) -> str:
        return self.slack_app_token.get_secret_value() if self.slack_app_token else ""

    @property
    def forge_token(self) -> str:
        return self.github_token.get_secret_value() if self.github_token else ""

    @property
    def hook_secret(self) -> str:
        return self.github_webhook_secret.get_secret_value() if self.github_webhook_secret else ""

    @property
    def scraper_token(self) -> str:
        return self.metrics_token.get_secret_value() if self.metrics_token else ""

    @property
    def evidence_sources(self) -> dict[str, str]:
        """Who may report evidence: source -> its token."""
        return sources(self.evidence_tokens.get_secret_value()) if self.evidence_tokens else {}

    @property
    def flag_readers(self) -> dict[str, str]:
        """Token -> the environment whose flags it may read."""
        return flag_readers(self.flag_tokens.get_secret_value()) if self.flag_tokens else {}

    def feed_base(self, listening: str) -> str:
        """Where people reach the calendar; where it listens says so in the sandbox only, elsewhere PUBLIC_URL does."""
        return self.public_url or (listening if is_loopback(self.slack_api_url) else "")

    @property
    def others_knock(self) -> bool:
        """Whether somebody else than Slack comes to the web server: CI, SDKs of flags, calendars, Prometheus."""
        return bool(self.evidence_sources or self.flag_readers or self.public_url or self.metrics_token)

    @property
    def database(self) -> str:
        """The database's URL; a SQLite file in DATA_DIR when none is set."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'release-bot.db'}"

    @property
    def faults(self) -> dict[str, str]:
        """Which simulated deployment fails, and why."""
        where, found, why = self.simulated_fault.partition("=")
        return {where: why} if found else {}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never appear in a log."""
        held = (getattr(self, name) for name in type(self).model_fields)
        found = [secret.get_secret_value() for secret in held if isinstance(secret, SecretStr)]
        found += [*self.evidence_sources.values(), *self.flag_readers]
        return tuple(dict.fromkeys([*found, *credentials(self.database), *credentials(self.product_repo or "")]))


def _begins(value: SecretStr | None, prefix: str, what: str) -> SecretStr | None:
    if value is not None and not value.get_secret_value().startswith(prefix):
        raise ValueError(f"is not {what}: it begins with {prefix}")
    return value


def _without(text: str, secret: str) -> str:
    return text.replace(secret, "(hidden)")


def load_settings(needs: Iterable[str] = ()) -> Settings:
    """Read the environment. Raises SettingsFaults with every wrong or missing variable in one go."""
    faults: list[tuple[str, str]] = []
    settings = None
    try:
        settings = Settings()
    except ValidationError as error:
        faults += [(str(e["loc"][0]).upper(), _plain(e["msg"])) for e in error.errors(include_input=False)]
    missing = [name for name in needs if _is_missing(name, settings)]
    faults += [
        (name, f"is missing: {WORDS.get(name, '')}".rstrip(": ")) for name in missing if name not in dict(faults)
    ]
    if faults or settings is None:
        raise SettingsFaults(faults)
    return settings


def _is_missing(name: str, settings: Settings | None) -> bool:
    import os

    if settings is None:
        return not os.environ.get(name) and not os.environ.get(name.lower())
    if name == "SLACK_SIGNING_SECRET" and settings.slack_app_token is not None:
        return False  # Socket Mode: Slack signs nothing
    return getattr(settings, name.lower()) is None


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
