"""`python -m sandbox.auto`: plays a whole minor release with nobody at the keyboard, and prints each message."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.product.remote import Product
from sandbox.workspace import seed
from sandbox.workspace.errors import NotThere
from sandbox.workspace.records import Json
from sandbox.workspace.remote import RemoteWorkspace

VERSION = "1.3.0"
PATIENCE = 15.0
SETTLES = 0.3  # until the bot has said what is due next
WIDTH = 220
ZONE = ZoneInfo("America/New_York")
NAMES = {member.id: member.name for member in seed.members()}


@dataclass(frozen=True)
class Turn:
    """What somebody does (types, or clicks a label; nobody: the clock jumps), and the words that then appear."""

    person: str
    does: str
    then: str
    clicks: bool = False
    in_form: bool = False  # the button stands in a form that opens a moment after the turn before


def ticks(person: str, item: str, title: str) -> Turn:
    """Somebody signs off an item of the checklist."""
    return Turn(person, f"/release tick {VERSION} {item}", f"{person} signed off: {title}")


UPGRADE_NOTES = {
    "migrations/0042_saved_searches.sql": "Runs by itself before the new version starts.",
    "migrations/0043_city_index.sql": "Runs by itself; payments cannot be saved for some seconds.",
}
CLOCK = ""
PLAY = (
    # what is in it is read by then, without which nothing begins
    Turn("Priya", "/release start minor", f"Merging v{VERSION} into main and develop would be clean"),
    ticks("Mira", "scope.final", "Scope is final"),
    Turn("Priya", "/release begin", "is planned for"),
    Turn("Priya", f"/release classify {VERSION} #331 improvement", "mended the notes of #331"),
    *(
        Turn("Priya", f"/release classify {VERSION} upgrade:{path} {words}", f"upgrade note of {path}")
        for path, words in UPGRADE_NOTES.items()
    ),
    Turn(CLOCK, "the freeze", "rc.1 is tagged"),
    *(Turn(CLOCK, "", f"{kind} passed on rc.1") for kind in ("Full regression", "Security scan", "Rollback plan")),
    ticks("Priya", "notes.final", "Release notes read and final"),
    Turn("Priya", f"/release ready {VERSION}", f"Approve v{VERSION}?"),
    Turn("Mira", "Approve (last signature)", "rc.1 is on staging", clicks=True),
    ticks("Qadir", "staging.qa", "QA sign-off on staging"),
    ticks("Olu", "plan.reviewed", "Deployment plan reviewed"),
    ticks("Theo", "tech.lead", "Tech lead sign-off"),
    Turn(CLOCK, "the day before", "is updated"),
    Turn(CLOCK, "the departure", "Go or no-go"),
    Turn("Priya", f"/release go {VERSION}", ""),
    Turn("Priya", "Go", "is in production", clicks=True, in_form=True),
    ticks("Qadir", "verified", "Manual verification completed"),
    ticks("Olu", "alerts", "Monitoring alerts configured"),
    Turn(CLOCK, "", f"v{VERSION} is live since"),
    Turn(CLOCK, "", f"{VERSION} is live Since"),
    Turn(CLOCK, "", "was updated today"),
)


@dataclass
class Player:
    """Follows what is posted and does the next turn when its words are there."""

    slack: RemoteWorkspace
    said: list[str] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Print each message once, when it is posted."""
        since = 0
        while True:
            came = await self.slack.call("GET", "/sandbox/messages", since=str(since), wait="10")
            since = int(came["seq"])
            for message in came["messages"]:
                self._print(message)
            self._news.set()

    def _print(self, message: Json) -> None:
        text = " ".join(str(message["text"]).split())
        if message["private"]:
            return
        self.said.append(text)
        if not message["edited"]:
            where = f"to {NAMES[message['to']]}" if message["to"] else f"#{message['channel']}"
            at = datetime.fromisoformat(message["at"]).astimezone(ZONE)
            thread = " in the thread" if message["thread_ts"] and message["thread_ts"] != message["ts"] else ""
            tell(f"  {at:%a %d %b %H:%M}  {where}{thread}: {cut(text)}")

    async def play(self, turn: Turn) -> None:
        before = len(self.said) if turn.does else 0
        if turn.does:
            await self._act(turn, before)
        async with asyncio.timeout(PATIENCE):
            while not self._heard(turn, before):
                self._news.clear()
                await self._news.wait()

    def _heard(self, turn: Turn, before: int) -> bool:
        """Whether the turn's words came after it began."""
        return any(turn.then in text for text in self.said[before:]) or not turn.then

    async def _act(self, turn: Turn, before: int) -> None:
        if turn.person == CLOCK:
            tell(f"The clock jumps to {turn.does}.")
            while not self._heard(turn, before):
                await asyncio.sleep(SETTLES)
                await self.slack.jump("next")
            return
        person = self.slack.person(turn.person)
        if turn.clicks:
            tell(f"{turn.person} clicks {turn.does!r}.")
            await self._clicked(turn)
            return
        tell(f"{turn.person} types {turn.does}")
        came = await person.types(turn.does)
        if not came["ok"]:
            raise NotThere(f"{turn.does}: {came['error']}")

    async def _clicked(self, turn: Turn) -> None:
        """A form opens a moment after its answer, and another button may begin with the same word."""
        person = self.slack.person(turn.person)
        async with asyncio.timeout(PATIENCE):
            while turn.in_form and not (await person.sees())["form"]:  # noqa: ASYNC110  (another process opens it)
                await asyncio.sleep(0.1)
            while True:
                try:
                    await person.clicks(turn.does)
                    return
                except NotThere:
                    await asyncio.sleep(0.1)


def cut(text: str) -> str:
    """At most WIDTH signs, ended at a word with a sign that more stood there."""
    return text if len(text) <= WIDTH else text[: WIDTH - 1].rsplit(" ", 1)[0] + "…"


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def played(url: str, remote: Path) -> int:
    """0 when the tag is in the remote at the end."""
    async with RemoteWorkspace(url) as slack:
        player = Player(slack)
        listening = asyncio.create_task(player.listen())
        try:
            for turn in PLAY:
                try:
                    await player.play(turn)
                except TimeoutError:
                    tell(f"Nothing said {turn.then!r} within {PATIENCE:.0f} s after: {turn.person} {turn.does}")
                    return 1
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    product = Product(remote)
    tag = product.refs().get(f"refs/tags/v{VERSION}")
    if tag is None:
        tell(f"v{VERSION} is not in the remote.")
        return 1
    tell(f"v{VERSION} is in the remote: " + product.git("log", "-1", "--format=%h %s", f"v{VERSION}^{{commit}}"))
    return 0


def main() -> None:
    """Play until the release is out."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.auto", description="Plays a whole minor release.")
    parser.add_argument("--sandbox", required=True, help="the address of the sandbox")
    parser.add_argument("--remote", type=Path, required=True, help="the product's repository")
    given = parser.parse_args()
    sys.exit(asyncio.run(played(given.sandbox, given.remote)))


if __name__ == "__main__":
    main()
