"""One desk for handler tests: people type, click and send forms, on the real use cases and a SQLite store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.flags.in_code import Place, Places
from core.domain.notes.model import Draft, Heading, Item
from core.domain.repository import Commit, RemoteState
from core.store import notes
from core.store.unit_of_work import Unit
from core.usecases import look
from core.usecases.advance import Report, advance, chains_of
from core.usecases.context import Context
from core.usecases.evidence import Posted, take
from handlers.request import Answer, Form, Message, Request
from handlers.routes import dispatch
from sandbox.product.ci import report_of
from tests.handlers.layout import check_form, check_message

LIVE, NEXT = "a" * 40, "b" * 40
DRAFT = Draft(
    LIVE,
    NEXT,
    (
        Item("#341", "Saved searches", Heading.FEATURES, "prefix:feat", 341, (), ("0" * 40,), ("Dana",)),
        Item("#342", "Photos on phones", Heading.FIXES, "prefix:fix", 342, (), ("1".zfill(40),), ("Dana",), fix=True),
    ),
)


class Hands:
    """A clock that is moved by hand."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def to(self, now: datetime) -> None:
        self._now = now


class Remote:
    """A remote that was read once: main at the released commit, develop three commits further."""

    def seen(self) -> RemoteState:
        return RemoteState({"main": LIVE, "develop": NEXT}, {"v1.2.1": "c" * 40, "v1.2.2": LIVE}, 0.0)

    async def look(self, max_age: float = 60.0) -> RemoteState:
        return self.seen()

    def now(self) -> float:
        return 1.0

    async def mentions(self, sha: str, names: Sequence[str]) -> Places:
        return {name: (Place("shop/search.py", 12, f'if on("{name}"):'),) for name in names if name == "new_search"}

    async def changes(self, base: str, head: str, limit: int = 2000) -> Sequence[Commit]:
        at = datetime.fromisoformat("2026-11-30T10:00:00+00:00")
        subjects = ("feat: saved searches (#341)", "fix: photos on phones (#342)", "feat: statements as PDF (#343)")
        return [
            Commit(f"{n:040x}", (base,), "Dana", "dana@asset-anchor.example", at, s, pull=341 + n)
            for n, s in enumerate(subjects)
        ]


@dataclass
class Desk:
    """Everything a test needs to act as people; no answer may be silent or over the limits."""

    ctx: Context
    clock: Hands
    count: int = 0

    async def ask(self, who: str, kind: Any = "command", **more: Any) -> Answer:
        self.count += 1
        request = Request(kind, who, self.clock.now(), **{"channel": "C0RELEASES", "key": f"t:{self.count}", **more})
        answer = await dispatch(request, self.ctx)
        check_answer(answer)
        return answer

    async def types(self, who: str, text: str, **more: Any) -> Answer:
        return await self.ask(who, text=text, **more)

    async def clicks(self, who: str, message: Message | Form, label: str, **more: Any) -> Answer:
        """Press the button (or choose the ⋮ entry) with this label."""
        for element in elements(message.blocks):
            if element.get("type") == "overflow":
                for option in element["options"]:
                    if option["text"]["text"] == label:
                        return await self.ask(who, "action", action_id="more", value=option["value"], **more)
            elif element.get("text", {}).get("text") == label:
                return await self.ask(who, "action", action_id=element["action_id"], value=element["value"], **more)
        raise AssertionError(f"no {label!r} among {labels(message.blocks)}")

    async def sends(self, who: str, form: Form, **values: Any) -> Answer:
        """Fill the form (its own initial values stay where nothing is given) and send it."""
        filled = initial(form)
        filled |= {_block(filled, k.replace("__", ".")): v for k, v in values.items()}
        self.count += 1
        return await self.ask(
            who,
            "submit",
            callback_id=form.callback_id,
            private_metadata=form.private_metadata,
            values=filled,
            view_id=f"V{self.count}",
            key=f"view:V{self.count}",
        )

    async def facts(self, version: str = "1.3.0") -> dict[str, Any]:
        found = await look.status(self.ctx, version)
        assert found is not None
        return found

    async def reports(self, version: str, kind: str, **body: Any) -> None:
        await advance(self.ctx, Report(kind, (await self.facts(version))["id"], body))

    async def ci_reports(self, version: str = "1.3.0", *kinds: str, fails: bool = False) -> None:
        """CI reports the kinds, or all that the checklist waits for, for the candidate's commit."""
        facts = await self.facts(version)
        missing = [i["rule"] for i in facts["signoffs"] if i["met"] == "evidence" and i["state"] != "met"]
        for kind in kinds or missing:
            body = report_of(kind, facts["candidate"]["tag"], fails=fails)
            await take(self.ctx, Posted(facts["candidate"]["sha"], kind, "ci", body, kind))

    async def drafts(self, version: str, draft: Draft) -> None:
        """The range was read: its draft stands in the store."""
        release = (await self.facts(version))["id"]

        async def work(unit: Unit) -> None:
            await notes.put(unit, release, draft, self.clock.now())

        await self.ctx.store.unit(work, verb="draft", chains=chains_of(self.ctx, release))

    async def reads_scope(self, version: str = "1.3.0", branch: str = "develop", head: str = NEXT, **more: Any) -> None:
        """What was read of the range; with `draft` other notes than the ordinary ones."""
        await self.drafts(version, replace(more.pop("draft", None) or DRAFT, head=head))
        changes = [
            {"sha": f"{n:040x}", "subject": s, "author": "Dana", "email": "dana@asset-anchor.example", "pull": 341 + n}
            for n, s in enumerate(("feat: saved searches", "fix: photos on phones"))
        ]
        await self.reports(version, "scope.read", changes=changes, branch=branch, head=head, **more)

    async def git_has(self, version: str, **body: Any) -> None:
        """Git planned and published what it was asked for."""
        work = (await self.facts(version))["git"]
        plan = {"commit": "d" * 40, "tree": "e" * 40, "refs": [], "conflicts": []}
        await self.reports(version, "git.planned", attempt=work.get("attempt", 1), plan=plan)
        await self.reports(version, "git.pushed", purpose=work["purpose"], contains=["1.2.2"], **body)
        await self.reads_scope(version, f"release/{version}", "d" * 40)


def check_answer(answer: Answer) -> None:
    """Every click is answered, and each answer is within the limits."""
    assert answer.private or answer.form or answer.errors or answer.in_thread or answer.home
    for message in filter(None, (answer.private, answer.in_thread)):
        check_message(message)
    if answer.form:
        check_form(answer.form)


def elements(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if block["type"] == "actions":
            yield from block["elements"]
        if block.get("accessory"):
            yield block["accessory"]


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    found = []
    for element in elements(blocks):
        if element.get("type") == "overflow":
            found += [o["text"]["text"] for o in element["options"]]
        elif element.get("type") == "button":
            found.append(element["text"]["text"])
    return found


def words(found: Message | Form | None) -> str:
    """All visible words of a message or form."""
    if found is None:
        return ""
    parts = [found.text] if isinstance(found, Message) else [found.title, found.submit]

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                parts.append(node["text"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(found.blocks)
    return "\n".join(parts)


def _block(blocks: dict[str, Any], name: str) -> str:
    """The block of this name; its id may end with a digest of what stands in it."""
    return next((b for b in blocks if b == name or b.rpartition(".")[0] == name), name)


def initial(form: Form) -> dict[str, Any]:
    """What Slack would send for a form that nobody touched."""
    values: dict[str, Any] = {}
    for block in form.blocks:
        if block["type"] != "input":
            continue
        e = block["element"]
        if e["type"] == "checkboxes":
            values[block["block_id"]] = tuple(o["value"] for o in e.get("initial_options") or ())
        elif "initial_option" in e:
            values[block["block_id"]] = e["initial_option"]["value"]
        else:
            keys = ("initial_value", "initial_user", "initial_date", "initial_time")
            values[block["block_id"]] = next((e[k] for k in keys if k in e), None)
    return values
