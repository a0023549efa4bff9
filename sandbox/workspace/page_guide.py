"""The guide of the first run: its steps as one table, ticked by what stands in the workspace, never by clicks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sandbox.workspace import seed
from sandbox.workspace.records import Json, Message
from sandbox.workspace.state import State

TITLE = "A whole release in two minutes"
GOING = (" is going to staging: step", " is going to production: step", " is being rolled back to ")
FELL = "The deployment has stopped."
END = "That was a whole release. Try `/release start hotfix`, or press Start over."


class Facts:
    """What the bot's messages say about the releases: the phase lines and facts of the living cards."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.cards = [m for m in self._bot_messages() if _text_of(m, "phases")]

    def _bot_messages(self) -> Iterator[Message]:
        for messages in self._state.messages.values():
            yield from (m for m in messages if m.user == seed.BOT_USER and not m.only_for)

    def passed(self, phase: str) -> bool:
        """True when a card shows this phase as done, also when it was rolled back later."""
        done = re.compile(rf"(?:✓|↩\ufe0f?) {phase}")
        return any(done.search(_text_of(card, "phases")) for card in self.cards)

    def approved(self) -> bool:
        """True when a card counts all its approvals."""
        counts = re.findall(r"Approvals\s[^\n]*?(\d+) of (\d+)", "\n".join(_text_of(c, "facts") for c in self.cards))
        return self.passed("Preparation") or any(got == of for got, of in counts)

    def under_way(self, phase: str) -> bool:
        """True when a card stands in this phase."""
        return any(f"● {phase}" in _text_of(card, "phases") for card in self.cards)

    def offers(self, verb: str) -> bool:
        """True when a card has a button for this verb."""
        return any(verb_of(element) == verb for card in self.cards for element in elements_of(card.blocks))

    def taken_back(self) -> bool:
        """True when a card says that its release was rolled back."""
        words = [_text_of(c, "phases") + _text_of(c, "title") for c in self.cards]
        return any("↩" in w or "rolled back" in w for w in words)

    def at_work(self) -> bool:
        """True while a pipeline runs."""
        return any(words in m.text for m in self._bot_messages() for words in GOING)

    def fell(self) -> bool:
        """True when a step of a deployment has failed and people were asked how to go on."""
        return self.says(FELL)

    def says(self, words: str) -> bool:
        """True when the bot has posted these words."""
        return bool(words) and any(words in m.text for m in self._bot_messages())

    def support_read(self) -> bool:
        """True when somebody of the cast has read what the bot told support about what is live."""
        channel = self._state.channel("support").id
        told = [m for m in self._bot_messages() if m.channel == channel]
        return (
            bool(told)
            and self.passed("Deployment")
            and any(
                self._state.read.get((m.id, channel)) and not self._state.unread(m.id, channel)
                for m in self._state.members.values()
                if m.cast
            )
        )


def elements_of(blocks: list[Json]) -> Iterator[Json]:
    """Everything in blocks that can be pressed, each with the id of its block."""
    for block in blocks:
        for element in [*block.get("elements", []), block.get("accessory")]:
            if isinstance(element, dict) and "action_id" in element:
                yield {"block_id": block.get("block_id", ""), **element}


def verb_of(element: Json) -> str:
    """What a button does: its action id up to the first dot."""
    return str(element.get("action_id", "")).partition(".")[0]


def _text_of(message: Message, block_id: str) -> str:
    """The words of one block of a message, without bold signs and with plain spaces."""
    words: list[str] = []
    for block in message.blocks:
        if block.get("block_id") == block_id:
            texts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
            words += [t["text"] for t in texts if isinstance(t, dict) and isinstance(t.get("text"), str)]
    return re.sub(r"[^\S\n]+", " ", "\n".join(words).replace("*", ""))


@dataclass(frozen=True)
class Play:
    """One thing to do in "Do it for me": a person clicks what has this verb; without one, types this command."""

    person: str
    verb: str
    command: str = ""
    told: str = ""  # what the bot says when it is done; it is not played again then


def _never(facts: Facts) -> bool:
    return False


@dataclass(frozen=True)
class Step:
    """One step: what the reader is told, when it is done, when the clock helps, and how the guide would do it."""

    id: str
    name: str
    words: str
    done: Callable[[Facts], bool]
    person: str = ""
    pane: str = "releases"
    text: str = ""
    jump: Callable[[Facts], bool] = _never
    plays: tuple[Play, ...] = field(default=())
    signs: bool = False
    reads: str = ""


PRIYA, MIRA, OLU, SANA = "U0PRIYA", "U0MIRA", "U0OLU", "U0SANA"

NOTES = (
    Play(PRIYA, "", "/release classify #331 improvement", "mended the notes of #331"),
    *(
        Play(PRIYA, "", f"/release classify upgrade:{path} {words}", f"upgrade note of {path}")
        for path, words in (
            ("migrations/0042_saved_searches.sql", "Runs by itself at the start."),
            ("migrations/0043_city_index.sql", "Runs by itself within seconds."),
        )
    ),
)
# The one place to mend when the bot learns more: words promise only what it does today.
STEPS: tuple[Step, ...] = (
    Step(
        "start",
        "Start",
        "You are Priya. Type `/release start minor`.",
        lambda facts: bool(facts.cards),
        person=PRIYA,
        text="/release start minor",
        plays=(Play(PRIYA, "", "/release start minor"),),
    ),
    Step(
        "begin",
        "Begin",
        "Mira signs off that the scope is final, in her messages: follow “Next to act”. "
        "Then Priya presses *Begin development* on the card.",
        lambda facts: facts.passed("Planning"),
        text="/release why",
        plays=(Play(PRIYA, "begin", "/release begin"),),
        signs=True,
    ),
    Step(
        "freeze",
        "Freeze",
        "One change has no heading in the notes yet, and two migrations need a word: *Release notes*, then "
        "*Edit the notes…* Then jump to the freeze: the branch and the first candidate come by themselves.",
        lambda facts: facts.passed("Development"),
        text="/release notes",
        plays=NOTES,
        jump=lambda facts: facts.under_way("Development"),
    ),
    Step(
        "candidate",
        "Candidate",
        "The product’s pipeline has run by itself and reports its results: see the thread. Priya reads the notes and "
        "signs them off, then she presses *Make it ready*.",
        lambda facts: facts.passed("Stabilization"),
        text="/release why",
        plays=(*NOTES, Play(PRIYA, "candidate"), Play(PRIYA, "ready", "/release ready")),
        signs=True,
    ),
    Step(
        "approve",
        "Approve",
        "Now be Mira, or who stands in for her (see “Next to act”), open the message and approve: it signs exactly "
        "this commit.",
        lambda facts: facts.approved(),
        person=MIRA,
        pane="dm",
        plays=(Play(MIRA, "approve"),),
    ),
    Step(
        "go",
        "Go",
        "Qadir signs off staging, Olu the plan, Theo as tech lead (see “Next to act”). Jump until Wednesday 10:00: "
        "reminders go out on the way. Then Priya presses *Go…*",
        lambda facts: facts.passed("Preparation"),
        text="/release why",
        jump=lambda facts: facts.under_way("Preparation") and not facts.offers("go"),
        plays=(Play(PRIYA, "go", "/release go"),),
        signs=True,
    ),
    Step(
        "live",
        "Deploy",
        "The pipeline deploys it on this machine: backup, migrations, backend, frontend, checks. Follow the thread."
        " When all went well, Qadir and Olu sign off production; when a step fails, people are asked how to go on.",
        lambda facts: facts.passed("Deployment") or facts.fell(),
        signs=True,
    ),
    Step(
        "back",
        "Roll back",
        "Customers cannot open their payments. Be Olu, read what speaks for and against each way on, and roll back: "
        "the version before really runs again.",
        lambda facts: facts.taken_back(),
        person=OLU,
        text="/release rollback",
        plays=(Play(OLU, "rollback", "/release rollback"),),
    ),
    Step(
        "look",
        "Look back",
        "Be Sana and read what support was told. Then try `/release audit`.",
        lambda facts: facts.support_read(),
        person=SANA,
        pane="support",
        text="/release audit 1.3.0",
        reads="support",
    ),
)


def asked(state: State, step: Step) -> str:
    """Whom the reader should be: the person of the step, or who was asked in their place by a direct message."""
    verbs = {play.verb for play in step.plays if play.person == step.person} if step.pane == "dm" else set()
    found = {
        channel.partner: message.ts
        for channel in state.channels.values()
        for message in state.messages.get(channel.id, [])
        if channel.partner and any(verb_of(element) in verbs for element in elements_of(message.blocks))
    }
    return step.person if not found or step.person in found else max(found, key=found.__getitem__)


def guide_json(state: State) -> Json:
    """The guide as the page shows it."""
    facts = Facts(state)
    steps = [
        {
            "id": step.id,
            "name": step.name,
            "words": step.words,
            "done": step.done(facts),
            "as": asked(state, step),
            "pane": step.pane,
            "text": step.text,
            "jump": step.jump(facts),
            "follow": step.signs,
            "can": True,
        }
        for step in STEPS
    ]
    return {"title": TITLE, "end": END, "steps": steps}
