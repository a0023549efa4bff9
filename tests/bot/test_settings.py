"""Wrong settings are named in one go, with the variable and the reason, and never with the secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.addresses import is_loopback
from bot.settings import TO_SERVE, Settings, SettingsFaults, load_settings

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s3cret",
    "PRODUCT_REPO": "/srv/product.git",
    "SLACK_API_URL": "http://127.0.0.1:8800/api/",
}

GITHUB = ("GITHUB_TOKEN", "GITHUB_API_URL", "GITHUB_WEBHOOK_SECRET")
ASIDE = ("SLACK_APP_TOKEN", "DATABASE_URL", "CLOCK_URL", "PORT", "DATA_DIR", "PACE_SCALE")
JIRA = ("JIRA_URL", "JIRA_EMAIL", "JIRA_TOKEN")


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*GOOD, *ASIDE, *GITHUB, *JIRA):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def faults_of(env: pytest.MonkeyPatch, **variables: str) -> dict[str, str]:
    for name, value in variables.items():
        env.setenv(name, value)
    with pytest.raises(SettingsFaults) as caught:
        load_settings(TO_SERVE)
    return dict(caught.value.faults)


def test_good_settings_are_taken(env: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        env.setenv(name, value)
    settings = load_settings(TO_SERVE)
    assert settings.bot_token == "xoxb-1"
    assert settings.database == f"sqlite:///{Path('data').absolute() / 'release-bot.db'}"
    assert "xoxb-1" not in repr(settings)


def test_everything_that_is_missing_is_named_at_once(env: pytest.MonkeyPatch) -> None:
    faults = faults_of(env)
    assert set(faults) == set(TO_SERVE)
    assert all("is missing" in why for why in faults.values())


def test_everything_that_is_wrong_is_named_at_once(env: pytest.MonkeyPatch) -> None:
    faults = faults_of(
        env,
        **GOOD
        | {
            "SLACK_BOT_TOKEN": "xoxp-secret",
            "PORT": "eighty",
            "DATABASE_URL": "mysql://u:geheim@h/d",
            "PRODUCT_REPO": "--upload-pack=touch x",
            "SLACK_API_URL": "ftp://x",
        },
    )
    assert set(faults) == {"SLACK_BOT_TOKEN", "PORT", "DATABASE_URL", "PRODUCT_REPO", "SLACK_API_URL"}
    assert "xoxb-" in faults["SLACK_BOT_TOKEN"]
    assert "geheim" not in str(faults) and "xoxp-secret" not in str(faults)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLOCK_URL", "http://127.0.0.1:8800/clock"),
        ("PACE_SCALE", "0.1"),
        ("SETTLE_SECONDS", "1"),
        ("SIMULATED_FAULT", "production:1.3.0=x"),
    ],
)
def test_what_is_for_the_sandbox_is_refused_on_real_slack(env: pytest.MonkeyPatch, name: str, value: str) -> None:
    faults = faults_of(env, **GOOD | {"SLACK_API_URL": "https://slack.example.com/api/", name: value})
    assert list(faults) == [name]
    assert "sandbox only" in faults[name]


def test_the_sandbox_may_have_them(env: pytest.MonkeyPatch) -> None:
    for name, value in (GOOD | {"CLOCK_URL": "http://127.0.0.1:1/clock", "PACE_SCALE": "0"}).items():
        env.setenv(name, value)
    assert load_settings(TO_SERVE).pace_scale == 0


def test_socket_mode_needs_no_signing_secret(env: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        env.setenv(name, value)
    env.delenv("SLACK_SIGNING_SECRET")
    env.setenv("SLACK_APP_TOKEN", "xapp-1")
    assert load_settings(TO_SERVE).app_token == "xapp-1"


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:1/", True),
        ("http://127.9.9.9/", True),
        ("http://[::1]/", True),
        ("https://slack.example.com/api/", False),
        ("http://localhost.evil.example/", False),
        ("http://127.0.0.1.nip.io/", False),
    ],
)
def test_loopback(url: str, here: bool) -> None:
    assert is_loopback(url) is here


def test_every_setting_that_is_a_secret_is_kept_out_of_logs() -> None:
    names = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    assert len(names) > 8
    lists = {name: "production:" for name in names if name.endswith("_tokens")}
    values = {name: SecretStr(f"{lists.get(name, '')}secret-of-{name}") for name in names}
    settings = Settings.model_construct(**values)
    assert {f"secret-of-{name}" for name in names} <= set(settings.secrets)


def test_every_half_of_a_credential_is_kept_out_of_logs(env: pytest.MonkeyPatch) -> None:
    addresses = {
        "DATABASE_URL": "postgresql://bot:two%20words@db/bot",
        "PRODUCT_REPO": "https://ghp_onlyauser1234@git.example/x.git",
    }
    for name, value in (GOOD | addresses).items():
        env.setenv(name, value)
    settings = load_settings(TO_SERVE)
    assert {"two%20words", "two words", "ghp_onlyauser1234"} <= set(settings.secrets)
    assert "ghp_onlyauser1234" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("GITHUB_TOKEN", "two words", "no token"),
        ("GITHUB_API_URL", "http://ghe.example/api/v3", "https"),
        ("GITHUB_API_URL", "ghe.example", "address"),
        ("GITHUB_WEBHOOK_SECRET", "hunter2", "too short"),
    ],
)
def test_what_is_wrong_about_github_is_named_without_the_secret(
    env: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    faults = faults_of(env, **GOOD | {name: value})
    assert list(faults) == [name]
    assert why in faults[name]
    assert value not in faults[name]


def test_secrets_of_github_are_kept_out_of_logs(env: pytest.MonkeyPatch) -> None:
    secrets = {"GITHUB_TOKEN": "github_pat_1", "GITHUB_WEBHOOK_SECRET": "sixteen-letters-and-more"}
    for name, value in (GOOD | secrets | {"GITHUB_API_URL": "http://127.0.0.1:9"}).items():
        env.setenv(name, value)
    settings = load_settings(TO_SERVE)
    assert set(secrets.values()) <= set(settings.secrets)
    assert (settings.forge_token, settings.hook_secret) == tuple(secrets.values())
    assert not [value for value in secrets.values() if value in repr(settings)]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("sixteen-letters-and-more", "ci:token,perf:token"),
        ("ci:", "ci:token,perf:token"),
        ("person:sixteen-letters-and-more", "ci:token,perf:token"),
        ("ci:short", "a token of ci that is too short"),
        ("ci:sixteen-letters-and-more,perf:sixteen-letters-and-more", "twice"),
        ("ci:sixteen-letters-and-more,ci:another-sixteen-letters", "twice"),
    ],
)
def test_what_is_wrong_about_who_reports_is_named_without_the_token(
    env: pytest.MonkeyPatch, value: str, why: str
) -> None:
    faults = faults_of(env, **GOOD | {"EVIDENCE_TOKENS": value})
    assert list(faults) == ["EVIDENCE_TOKENS"] and why in faults["EVIDENCE_TOKENS"]
    assert "sixteen" not in faults["EVIDENCE_TOKENS"] and "short" not in faults["EVIDENCE_TOKENS"].split(" is too ")[0]


def test_tokens_of_those_who_report_are_known_by_source_and_kept_out_of_logs(env: pytest.MonkeyPatch) -> None:
    for name, value in (GOOD | {"EVIDENCE_TOKENS": "ci:sixteen-letters-and-more, perf:a:colon-in-a-token"}).items():
        env.setenv(name, value)
    settings = load_settings(TO_SERVE)
    assert settings.evidence_sources == {"ci": "sixteen-letters-and-more", "perf": "a:colon-in-a-token"}
    assert set(settings.evidence_sources.values()) <= set(settings.secrets) and "sixteen" not in repr(settings)


def test_the_data_folder_is_absolute_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git works in the clone's folder: with a path relative to ours it would look in the wrong place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATA_DIR", raising=False)
    assert load_settings().data_dir == tmp_path / "data"
    monkeypatch.setenv("DATA_DIR", "elsewhere")
    assert load_settings().data_dir == tmp_path / "elsewhere"


def test_the_tracker_is_an_address_with_an_account_beside_it(env: pytest.MonkeyPatch) -> None:
    right = {"JIRA_URL": "https://jira.example/base", "JIRA_EMAIL": "bot@asset.example", "JIRA_TOKEN": "jira-s3cret"}
    for name, value in (GOOD | right).items():
        env.setenv(name, value)
    settings = load_settings(TO_SERVE)
    assert settings.jira_url == "https://jira.example/base/" and "jira-s3cret" in settings.secrets
    assert "jira-s3cret" not in repr(settings)
    wrong = {"JIRA_URL": "http://jira.example", "JIRA_EMAIL": "bot:token", "JIRA_TOKEN": "with a space"}
    faults = faults_of(env, **wrong)
    assert set(faults) == set(wrong) and "https" in faults["JIRA_URL"] and "mail" in faults["JIRA_EMAIL"]
    faults = faults_of(env, **right | {"JIRA_URL": "https://bot:geheim@jira.example/"})
    assert "settings of their own" in faults["JIRA_URL"] and "geheim" not in str(faults)
