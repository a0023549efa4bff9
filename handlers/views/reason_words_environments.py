"""The words of refusals about environments: locks of people, access, the pause of everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.views.reason_row import Words, blocked
from handlers.views.writing import Facts, date_token, instant, listed, role_title, said

CODES = ("kept", "access", "unlocked")

# fmt: off
ENVIRONMENTS: dict[str, Words] = {
    "kept": blocked("The lock on {place}", "the lock of {by} on {place}: “{reason}”",
        "{by} locked {place}{since}{till}: “{reason}”.", "unlock", "Clear the lock…"),
    "access": blocked("Access to {place}", "no access to {place}",
        "Only a {roles} may deploy to {place}: {who}."),
    "unlocked": blocked("A lock", "no lock to clear", "{Place} is not locked."),
    "lock.until": blocked("An end ahead", "an end that is not ahead",
        "{given} has passed, or is more than {most} days ahead."),
    "data.day": blocked("A day", "a missing day", "Say of which day the data are, for example 2026-11-02; it is past."),
    "environment.which": blocked("An environment", "an environment that is not named", "Say which one: {one_of}."),
    "environment.there": blocked("Something else", "what runs there already", "{what} runs on {environment} already."),
    "environment.only": blocked("Integration", "an environment that is not integration",
        "Only integration is put by hand: staging follows the approvals, production the go, development develop."),
    "paused": blocked("A pause of everything", "the pause of {by}: “{reason}”",
        "Everything is paused by {by}{since}: “{reason}”. Signatures count meanwhile; nothing goes out until somebody "
        "lets it go on: {who}.",
        "unpause", "Go on again"),
    "follow.over": blocked("A release that is open", "a release that has ended",
        "{version} has ended: there is nothing to follow."),
    "not_paused": blocked("A pause", "no pause to end", "Nothing is paused: everything runs."),
}
# fmt: on


def place_values(given: Mapping[str, Any], facts: Facts) -> dict[str, str]:
    """Which environment, and until when."""
    place = said(given.get("environment") or "production")
    till = f" until {date_token(facts, given['ends'])}" if instant(given.get("ends")) else ""
    found = {"place": place, "Place": place.capitalize(), "till": till}
    if given.get("roles"):
        found["roles"] = listed([said(role_title(facts, str(r))) for r in given["roles"]], "or")
    return found
