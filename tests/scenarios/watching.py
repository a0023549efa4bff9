"""What no play may end with: a silent click, a logged error, a refused call, or words that break the house rules."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from handlers.views.marks import MEANING
from sandbox.workspace.records import View
from sandbox.workspace.workspace import Workspace

Blocks = Sequence[Mapping[str, Any]]
Idle = Callable[[], Awaitable[None]]

TEXT_SIGNS = "✓●○▰▱⋮→—–…·•□∗∼ˋˍ“”‘’×"
PICTURES = re.compile("[\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u2bff\U0001f000-\U0001faff]\ufe0f?")
SHORTCODE = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]*:(?![\w:])")
TOKEN = re.compile(r"<([^<>]*)>")
OUR_TOKEN = re.compile(  # mentions, dates, links to messages, to the policy's own pages and to the forge's stand-in
    r"@[UW][A-Z0-9]+|!date\^\d+\^[^^|<>]+\|[^<>]+"
    r"|https?://(?:asset-anchor\.slack\.com/archives|[a-z]+\.asset-anchor\.example|github\.com|127\.0\.0\.1:\d+)/[^|<>\s]*\|[^<>]+"
)
BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")
INNER = re.compile(
    r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b|\brc\.\d|release/|hotfix/|\bdevelop\b|\bcandidate\b|\bcommit\b"
    r"|\bbranch\b|\bmigrations?\b|\bfeature flag\b|enable_\w+|#\d"
)
OUTSIDE = ("C0NEWS", "C0SUPPORT")
SENTENCE_ENDS = (".", "?", "…", ")", "”", ":")


@dataclass(frozen=True)
class Said:
    """Something that the bot showed to somebody: a message, a form or a Home."""

    place: str
    text: str | None
    blocks: Blocks

    def faults(self) -> Iterator[str]:
        """What breaks a rule of the house."""
        where = f"{self.place}: {(self.text or 'a view')[:90]!r}"
        if self.text is not None:
            yield from (f"{where}: {fault}" for fault in of_fallback(self.text))
        yield from (f"{where}: {fault}" for fault in of_blocks(self.blocks))
        if self.place in OUTSIDE:
            shown = " ".join([self.text or "", *(text for _, text in texts_of(self.blocks))])
            yield from (f"{where}: {m!r} is nothing for people outside the team" for m in INNER.findall(shown))


def of_fallback(text: str) -> Iterator[str]:
    """The fallback is what a phone and a screen reader tell: one full sentence that stands alone."""
    words = re.sub(f"^({'|'.join(MEANING)}) ", "", text)
    ended = words.rstrip().endswith(SENTENCE_ENDS) or ": " in words  # a person's own words may end as they like
    if len(words.split()) < 3 or not words.lstrip("“")[:1].isalnum() or not ended:
        yield "the fallback is no sentence"
    if "\n" in text:
        yield "the fallback has more than one line"
    if "<" in text or BARE_AMPERSAND.search(text):
        yield "the fallback can mention somebody"
    yield from of_marks(text)


def of_blocks(blocks: Blocks) -> Iterator[str]:
    """One coloured button, marks of the table, nothing of a person that Slack would read as more than text."""
    coloured = sum(1 for one in elements_of(blocks) if one.get("style") == "primary")
    if coloured > 1:
        yield f"{coloured} coloured buttons"
    for kind, text in texts_of(blocks):
        yield from of_marks(text)
        if kind != "mrkdwn":
            continue
        yield from (f"{t!r} is a token of somebody else" for t in TOKEN.findall(text) if not OUR_TOKEN.fullmatch(t))
        if BARE_AMPERSAND.search(text) or "<" in TOKEN.sub("", text):
            yield f"unescaped: {text[:120]!r}"


def of_marks(text: str) -> Iterator[str]:
    """The eight marks, and no other picture."""
    for found in PICTURES.findall(text):
        if found not in MEANING and found not in TEXT_SIGNS:
            yield f"the mark {found!r} is not in the table"
    if SHORTCODE.search(text):
        yield f"an emoji by its name: {SHORTCODE.findall(text)}"


def elements_of(blocks: Blocks) -> Iterator[Mapping[str, Any]]:
    for block in blocks:
        for one in (*(block.get("elements") or ()), block.get("accessory"), block.get("element")):
            if isinstance(one, Mapping):
                yield one


def texts_of(node: Any) -> Iterator[tuple[str, str]]:
    """Every text object with its kind; what a person typed into a field is not ours."""
    if isinstance(node, Mapping):
        if node.get("type") in ("mrkdwn", "plain_text") and isinstance(node.get("text"), str):
            yield node["type"], node["text"]
        for value in node.values():
            yield from texts_of(value)
    elif isinstance(node, list | tuple):
        for one in node:
            yield from texts_of(one)


def everything_said(slack: Workspace) -> Iterator[Said]:
    """All that the bot ever showed: calls of the Web API, answers in HTTP bodies, and what stands in the channels."""
    for call in slack.calls:
        if call.method == "chat.postEphemeral":
            yield Said("private", call.args.get("text", ""), parsed(call.args.get("blocks")))
        elif call.method in ("chat.postMessage", "chat.update"):
            yield Said(call.args["channel"], call.args.get("text", ""), parsed(call.args.get("blocks")))
        elif call.method.startswith("views."):
            yield Said(call.method, None, parsed(call.args["view"])["blocks"])
    for delivery in slack.deliveries:
        body = delivery.answer()
        if isinstance(body, dict) and "text" in body:
            yield Said(f"answer to {delivery.payload.get('text')!r}", body["text"], body.get("blocks") or [])
        elif isinstance(body, dict) and "view" in body:
            yield Said(f"answer to {delivery.what}", None, body["view"]["blocks"])
    for message in [m for messages in slack.state.messages.values() for m in messages]:
        if message.user == "U0BOT" and message.subtype != "tombstone":
            yield Said("private" if message.only_for else message.channel, message.text, message.blocks)


def parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value or []


class _Errors(logging.Handler):
    """What other libraries log as an error (a task whose exception nobody saw, an unhandled request)."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = f" {record.exc_info[1]!r}" if record.exc_info else ""
        self.found.append(f"{record.name}: {record.getMessage()}{cause}")


@dataclass
class Watch:
    """Over one play. What a test expects to go wrong it says with `expect`, as regular expressions."""

    slack: Workspace
    idle: Idle
    logged: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, *patterns: str) -> None:
        self.expected += patterns

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hears the logs and looks at what each act of a person led to."""
        handler = _Errors()
        logging.getLogger().addHandler(handler)
        hands = self.slack.hands
        for name in ("press", "submit", "run_command", "run_shortcut"):
            setattr(hands, name, self._seen(name, getattr(hands, name)))
        try:
            with structlog.testing.capture_logs() as self.logged:
                yield
        finally:
            logging.getLogger().removeHandler(handler)
            self.errors += handler.found

    def _seen(self, name: str, act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def acting(user: str, *rest: Any) -> Any:
            before, calls = self._sight(user), len(self.slack.door.calls)
            result = await act(user, *rest)
            await self.idle()
            shown = any(c.method.startswith("views.") for c in list(self.slack.door.calls)[calls:])  # closed since then
            if self._sight(user) == before and not shown:
                self.silent.append(f"{name} by {user}: {self.slack.deliveries[-1].what}")
            return result

        return acting

    def _sight(self, user: str) -> tuple[Any, ...]:
        """What only this person sees; a click that changes nothing of it was not answered."""
        state = self.slack.state
        own = [m.seq for m in state.all_visible(user) if m.only_for == user]
        forms = [(view.id, view.seq, view.hash, dict(view.errors)) for view in state.forms.get(user, [])]
        home: View | None = state.homes.get(user)
        return (len(own), max(own, default=0), forms, home and (home.id, home.seq, home.hash))

    def faults(self) -> list[str]:
        """Everything that a play must not end with."""
        found = [f"logged: {e}" for e in self.logged if e.get("log_level") in ("error", "critical")]
        found += [f"logged: {e}" for e in self.errors]
        found += [f"no answer: {what}" for what in self.silent]
        found += [f"unexpected: {what}" for what in self.slack.unexpected()]
        refused = Counter(f"{c.method} refused: {c.outcome}" for c in self.slack.calls if c.outcome != "ok")
        found += [what for what in refused if ": fault:" not in what]
        words = {json.dumps([s.place, s.text, s.blocks], sort_keys=True): s for s in everything_said(self.slack)}
        found += [fault for said in words.values() for fault in said.faults()]
        return [f for f in dict.fromkeys(found) if not any(re.search(p, f) for p in self.expected)]
