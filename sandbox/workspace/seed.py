"""The people, channels and groups of the example story."""

from __future__ import annotations

from sandbox.workspace.records import Channel, Group, Member

TEAM_ID = "T0SANDBOX"
TEAM_NAME = "Asset Anchor"
TEAM_DOMAIN = "asset-anchor"
APP_ID = "A0APP"
BOT_USER = "U0BOT"
BOT_ID = "B0BOT"
BOT_NAME = "Release Bot"
SLACKBOT = "USLACKBOT"

_PEOPLE = (
    ("Priya", "America/New_York", "Release manager", True),
    ("Theo", "America/New_York", "Tech lead", True),
    ("Qadir", "Europe/London", "QA lead", True),
    ("Mira", "America/New_York", "Product manager", True),
    ("Olu", "Africa/Lagos", "DevOps engineer", True),
    ("Sana", "America/Los_Angeles", "Support lead", True),
    ("Erika", "America/Chicago", "Executive", True),
    ("Dana", "Europe/Berlin", "Developer", True),
    ("Ben", "America/New_York", "Developer", False),
    ("Ines", "Europe/Madrid", "DevOps engineer", False),
    ("Jo", "America/New_York", "Product manager", False),
    ("Kim", "America/Denver", "Developer", False),
    ("Vera", "Europe/Paris", "Guest of an agency", False),
)
_GUESTS = ("Vera",)


def members() -> list[Member]:
    """Everybody, the bot first."""
    bot = Member(BOT_USER, BOT_NAME, is_bot=True, zone="Etc/UTC")
    people = [
        Member(
            id=f"U0{name.upper()}",
            name=name,
            email=f"{name.lower()}@asset-anchor.example",
            zone=zone,
            title=title,
            guest=name in _GUESTS,
            cast=cast,
        )
        for name, zone, title, cast in _PEOPLE
    ]
    return [bot, Member(SLACKBOT, "Slackbot", is_bot=True, zone="Etc/UTC"), *people]


def channels() -> list[Channel]:
    """The channels; the bot was not invited to #general, and the guest is only in #product-news."""
    everybody = {f"U0{name.upper()}" for name, *_ in _PEOPLE}
    staff = everybody - {f"U0{name.upper()}" for name in _GUESTS}
    return [
        Channel("C0RELEASES", "releases", {BOT_USER, *staff}, topic="One card and one thread for each release"),
        Channel("C0NEWS", "product-news", {BOT_USER, *everybody}, topic="What changes for customers, and when"),
        Channel("C0SUPPORT", "support", {BOT_USER, *staff}, topic="What customers ask, and what to say"),
        Channel("C0GENERAL", "general", set(staff), topic="Everything else"),
    ]


def groups() -> list[Group]:
    """The user groups that can fill roles."""
    return [
        Group("S0PM", "product-managers", "Product managers", ["U0MIRA"]),
        Group("S0OPS", "devops", "DevOps", ["U0OLU", "U0INES"]),
        Group("S0QA", "qa", "QA", ["U0QADIR"]),
        Group("S0ENG", "engineers", "Engineers", ["U0THEO", "U0DANA", "U0BEN", "U0INES", "U0KIM"]),
        Group("S0SUP", "support-team", "Support", ["U0SANA"]),
    ]
