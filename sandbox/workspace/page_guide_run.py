"""The guide at work: it does a step as the right people, by the same signed requests that their clicks would send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from sandbox.workspace import form_values, seed
from sandbox.workspace.clock import ReleaseClock
from sandbox.workspace.hands import Hands
from sandbox.workspace.page_guide import STEPS, Facts, Play, Step, asked, elements_of, guide_json, verb_of
from sandbox.workspace.records import Json, Message, View
from sandbox.workspace.state import State

ROUNDS = 30
QUIET = 0.25
LONGEST_WAIT = 4.0
BY_ITSELF = 1.5
REASON = "Customers cannot pay since the update"


class Guide:
    """Shows the steps and, when asked, does one."""

    def __init__(self, state: State, hands: Hands, clock: ReleaseClock, dismiss: Callable[[Message], None]) -> None:
        self._state = state
        self._hands = hands
        self._clock = clock
        self._dismiss = dismiss
        self._busy = asyncio.Lock()

    def json(self) -> Json:
        """The steps as the page shows them."""
        return guide_json(self._state)

    async def does(self, step_id: str) -> str:
        """Do one step until its fact is there; the text back says what stands in the way, or nothing."""
        step = next((s for s in STEPS if s.id == step_id), None)
        if step is None:
            return "The guide has no such step."
        if self._busy.locked():
            return "The guide is at work already."
        async with self._busy:
            return await self._until_done(step)

    async def _until_done(self, step: Step) -> str:
        done: set[str] = set()
        for _ in range(ROUNDS):
            if await self._fact(step):
                return ""
            if Facts(self._state).at_work():
                await self._news(step, done)
                continue
            self._read(step)
            for way in (self._sign, self._press, self._news, self._jump, self._type):
                if await way(step, done):
                    break
            else:
                break
        if await self._fact(step):
            return ""
        return f"I could not finish {step.name!r} by myself. The card and /release why say what is missing."

    async def _fact(self, step: Step) -> bool:
        """Wait until the bot has said what it has to say, then look."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST_WAIT
        seen = -1
        while seen != self._state.seq and loop.time() < until:
            seen = self._state.seq
            await self._state.changed_since(seen, QUIET)
        return step.done(Facts(self._state))

    def _read(self, step: Step) -> None:
        if step.reads:
            self._state.mark_read(step.person, self._state.channel(step.reads).id)
            self._state.touch()

    # -- the ways to go on, each True when it did something; the first that does is enough for a round -------------

    async def _sign(self, step: Step, done: set[str]) -> bool:
        """Each of the cast asks what is missing and signs what is theirs."""
        releases = self._state.channel("releases").id
        before = len(done)
        for member in [m for m in self._state.members.values() if m.cast and step.signs]:
            known = self._state.seq
            await self._hands.command(member.id, releases, "/release why")
            for message, action in list(self._clickable(member.id, "tick")):
                mark = f"{member.id}/{action.get('value')}"
                if mark not in done:
                    done.add(mark)
                    await self._click(member.id, message, action)
            self._tidy(member.id, known)
        return len(done) > before

    async def _press(self, step: Step, done: set[str]) -> bool:
        """Press what the step is about, where a button for it stands; without a verb, type its words."""
        for play in self._left(step):
            person = asked(self._state, step) if play.person == step.person else play.person
            found = next(self._clickable(person, play.verb), None) if play.verb else None
            mark = f"{person}/{found[1].get('value')}/{found[0].ts}" if found else play.command
            if (play.verb and found is None) or mark in done:
                continue
            done.add(mark)
            known = self._state.seq
            await (self._click(person, *found) if found else self._command(play))
            await self._fact(step)
            self._tidy(person, known)
            return True
        return False

    async def _news(self, step: Step, done: set[str]) -> bool:
        """What the bot does by itself may take a moment; nobody jumps over it."""
        known = self._state.seq
        return await self._state.changed_since(known, BY_ITSELF) > known

    async def _jump(self, step: Step, done: set[str]) -> bool:
        due = self._clock.next_due() if step.jump(Facts(self._state)) else None
        if due is None:
            return False
        await self._clock.move_to(max(due.at, self._clock.now()))
        return True

    async def _type(self, step: Step, done: set[str]) -> bool:
        """No button was there: the same by words, once."""
        for play in self._left(step):
            if play.command and play.command not in done:
                done.add(play.command)
                known = self._state.seq
                await self._command(play)
                await self._fact(step)
                self._tidy(play.person, known)
                return True
        return False

    def _left(self, step: Step) -> list[Play]:
        """What is still to be done: a step before may have done it."""
        facts = Facts(self._state)
        return [play for play in step.plays if not facts.says(play.told)]

    # -- hands -----------------------------------------------------------------------------------------------------

    async def _command(self, play: Play) -> None:
        await self._hands.command(play.person, self._state.channel("releases").id, play.command)
        await self._send_form(play.person, play.verb)

    def _tidy(self, user: str, known: int) -> None:
        """Take away the private answers that only the guide asked for."""
        for message in list(self._state.all_visible(user)):
            if message.only_for == user and message.seq > known:
                self._dismiss(message)

    def _clickable(self, user: str, verb: str) -> Iterator[tuple[Message, Json]]:
        """Every button with this verb that this person sees, the newest message first."""
        for message in self._state.all_visible(user):
            if message.user == seed.BOT_USER:
                for element in elements_of(message.blocks):
                    if element.get("type") == "button" and verb_of(element) == verb:
                        yield message, element

    async def _click(self, user: str, message: Message, action: Json) -> None:
        place = {"message": {"channel": message.channel, "ts": message.ts}}
        chosen = {"block_id": action["block_id"], "action_id": action["action_id"]}
        await self._hands.click(user, place, chosen, {})
        if str(action["text"]["text"]).endswith("…"):
            await self._wait_for_form(user)
        await self._send_form(user, verb_of(action))

    async def _wait_for_form(self, user: str) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST_WAIT
        while self._state.form(user) is None and loop.time() < until:
            await self._state.changed_since(self._state.seq, QUIET)

    async def _send_form(self, user: str, verb: str) -> None:
        """Send the form on this person's screen, with a reason where words are asked; or press what it is for."""
        await self._state.changed_since(self._state.seq, QUIET)
        view = self._state.form(user)
        if view is None:
            return
        inside = next((e for e in elements_of(view.blocks) if verb and verb_of(e) == verb), None)
        if view.body.get("submit"):
            await self._hands.submit(user, view.id, filled(view))
        elif inside is not None:
            chosen = {"block_id": inside["block_id"], "action_id": inside["action_id"]}
            await self._hands.click(user, {"view": view.id}, chosen, {})
            await self._state.changed_since(self._state.seq, QUIET)
        left = self._state.form(user)
        if left is not None:
            await self._hands.close(user, left.id)


def filled(view: View) -> Json:
    """The values of a form: what stands there, and for what must be filled the reason or the first choice."""
    values = form_values.values(view.blocks, view.drafts)
    for block, element in form_values.fields(view.blocks):
        if block["type"] != "input" or block.get("optional"):
            continue
        state = values[block["block_id"]][element["action_id"]]
        key, _ = form_values.KEYS[element["type"]]
        if state.get(key):
            continue
        if key == "value":
            state[key] = REASON
        elif key == "selected_option":
            state[key] = element["options"][0]
        elif key == "selected_options":
            state[key] = element["options"]
    return values

