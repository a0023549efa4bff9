"""A person in a workspace of another process, reached over HTTP: for a demo that plays by itself."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from sandbox.workspace.errors import NotThere
from sandbox.workspace.records import Json


class RemoteWorkspace:
    """`async with RemoteWorkspace(url) as slack:` gives out persons and moves the clock."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(self, verb: str, path: str, body: Json | None = None, **query: str) -> Json:
        """One request; a refusal is raised with its words."""
        assert self._session is not None, "the workspace is not open"
        async with self._session.request(verb, f"{self._url}{path}", json=body, params=query) as answer:
            came: Json = await answer.json()
        if came.get("ok") is False:
            raise NotThere(str(came.get("error") or came))
        return came

    def person(self, name: str) -> RemotePerson:
        """A member by name."""
        return RemotePerson(name, self)

    async def jump(self, to: str | dict[str, float]) -> Json:
        """Move release time: "next", an ISO moment, or {"hours": 1}; every stop on the way comes back."""
        return await self.call("POST", "/clock/jump", {"to": to})

    async def do(self, act: str, **what: Any) -> None:
        """What people do to channels, groups and messages."""
        await self.call("POST", "/sandbox/do", {"act": act, **what})


@dataclass(frozen=True)
class RemotePerson:
    """The same acts as `Person` has, done on the server."""

    name: str
    workspace: RemoteWorkspace

    async def _act(self, act: str, **args: Any) -> Json:
        body = {"person": self.name, "act": act, "args": args}
        result: Json = (await self.workspace.call("POST", "/sandbox/act", body))["result"]
        return result

    async def types(self, text: str, channel: str = "releases") -> Json:
        """Write something, or run a command."""
        return await self._act("types", text=text, channel=channel)

    async def clicks(self, label: str, within: str | None = None, confirm: bool = True) -> Json:
        """Press the newest thing with this label."""
        return await self._act("clicks", label=label, within=within, confirm=confirm)

    async def chooses(self, wanted: str, value: Any) -> Json:
        """Choose in a menu or picker."""
        return await self._act("chooses", wanted=wanted, value=value)

    async def fills(self, fields: dict[str, Any]) -> None:
        """Fill fields of the open form."""
        await self._act("fills", fields=fields)

    async def submits(self, fields: dict[str, Any] | None = None) -> dict[str, str]:
        """Send the open form; the errors at its fields come back."""
        errors: dict[str, str] = (await self._act("submits", fields=fields))["errors"]
        return errors

    async def closes(self) -> None:
        """Close the open form."""
        await self._act("closes")

    async def opens_home(self) -> None:
        """Open the bot's Home."""
        await self._act("opens_home")

    async def shortcut(self, callback_id: str) -> Json:
        """Use a global shortcut."""
        return await self._act("shortcut", callback_id=callback_id)

    async def sees(self) -> Json:
        """What this person sees, by place: channels, dm, private, home, form."""
        seen: Json = (await self.workspace.call("GET", "/sandbox/sees", person=self.name))["sees"]
        return seen
