"""What is taken out of texts, what stays, and that no text makes it slow."""

import time

import pytest

from core.domain.notes import message, words
from core.domain.secrets import REMOVED, redact


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("use ghp_abcdefghijklmnopqrstuvwxyz0123 now", f"use {REMOVED} now"),
        ("xoxb-1234567890-abcdef and xapp-1-A123-456", f"{REMOVED} and {REMOVED}"),
        ("AKIAIOSFODNN7EXAMPLE", REMOVED),
        ("the key is AKIAIOSFODNNSEXAMPLE now", f"the key is {REMOVED} now"),
        ("ASIAIOSFODNNSEXAMPLE", REMOVED),
        ("words\nAKIAIOSFODNNSEXAMPLE", f"words\n{REMOVED}"),
        ("sk_live_abcdefgh12345678, glpat-abcdefghijklmnop1234", f"{REMOVED}, {REMOVED}"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc-DEF", f"Bearer {REMOVED}"),
        ("> authorization: Bearer abcdef0123456789", f"> authorization: Bearer {REMOVED}"),
        ("Authorization: Basic dXNlcjpwYXNz", f"Authorization: Basic {REMOVED}"),
        ("a bearer 0123456789abcdef01 is refused", f"a bearer {REMOVED} is refused"),
        ("see postgres://bot:hunter2@db.example.test/x", f"see postgres://{REMOVED}@db.example.test/x"),
        ("DB_PASSWORD=hunter2 set", f"DB_PASSWORD={REMOVED} set"),
        ('api_key: "a1b2c3d4e5"', f'api_key: "{REMOVED}"'),
        ("-----BEGIN RSA PRIVATE KEY----- MIIE -----END RSA PRIVATE KEY----- done", f"{REMOVED} done"),
        ("-----BEGIN PRIVATE KEY----- cut off", REMOVED),
        ("mail bob.smith+x@acme.example.com", f"mail {REMOVED}"),
        ("on db1.prod.internal:5432", f"on {REMOVED}"),
        ("on 10.1.2.3:80 and 192.168.0.7", f"on {REMOVED} and {REMOVED}"),
        ("on build7.acme.example", f"on {REMOVED}"),
        ("key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY12345", f"key {REMOVED}"),
        ("hooks.slack.com/services/T000/B000/XXXXXXXX", REMOVED),
    ],
)
def test_secrets_go(text: str, left: str):
    found, count = redact(text, ("*.acme.example",))
    assert found == left and count == left.count(REMOVED)
    assert redact(found, ("*.acme.example",))[1] == 0, "doing it twice finds nothing"


@pytest.mark.parametrize(
    "text",
    ["Bump lodash@4.17.21 from 4.17.20", "Password reset link is sent once", "Token: refresh it earlier",
     "Fix secret santa page", "Authorization: basic checks stay", "Bearer Authentication is supported now",
     f"Reverts {'a1b2c3d4' * 5}", "core/domain/notes/files_migration.py and docs/a-rather-long-name-of-a-page.md",
     "GET /api/v1/properties/featured", "Version 10.2.0 of 1.2.3.4", "PASSWORD=${PASSWORD}", "see https://example.test/a:b@c",
     "Sell in ASIA and AKIAK", "internal server error", "settings.py and .env.local", "time 10:30 - 11:45",
     "@types/node"],
)  # fmt: skip
def test_words_stay(text: str):
    assert redact(text, ("*.acme.example",)) == (text, 0)


ADVERSARIAL = [
    "a" * 100_000, "eyJ" * 33_000, "eyJ-" * 25_000, "ghp_" * 25_000, "a@" * 50_000, "a." * 50_000, "a:" * 50_000,
    "://a:" * 20_000, "password" * 12_000, "password=" * 11_000, "-----BEGIN " * 9_000,
    "-----BEGIN PRIVATE KEY-----" * 3_700,
    "10." * 33_000,
    "(" * 100_000, "[" * 100_000, "feat(" * 20_000, "A-" * 50_000, "AA-1 " * 20_000, " " * 100_000, "\n" * 100_000,
    "BREAKING CHANGE" * 6_600, "BREAKING CHANGE:\n" * 6_000, "Revert \"" * 12_500, "\nCo-authored-by: a <" * 5_000,
    "\n* " * 33_000, "\n- a" * 25_000, "stop a " * 14_000, "make a " * 14_000, "the " * 25_000, "\nPR: " * 20_000,
    "`" * 100_000,
    "(#1) " * 20_000, "(cherry picked from commit a" * 3_500, "add a " * 16_000, "rename a " * 11_000,
    "update a " * 11_000,
]  # fmt: skip


@pytest.mark.parametrize("text", ADVERSARIAL, ids=lambda t: repr(t[:14]))
def test_a_hundred_thousand_letters_take_no_longer_than_others(text: str):
    began = time.perf_counter()
    redact(text, ("*.acme",))
    words.guess(text)
    words.delicate(text)
    title = message.tidy(text, len(text))
    message.head(title, frozenset(("feat", "fix")))
    message.numberless(title[-300:])
    message.breaking(text), message.origins(text), message.backport_of(text), message.pull_trailer(text)
    message.co_authors(text), message.listed(text)
    assert time.perf_counter() - began < 3.0
