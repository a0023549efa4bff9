"""The Slack port: one shared session, no retries of its own, errors as IntegrationError with what is known of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.integrations.slack_errors import complete, refused
from bot.slack_methods import METHODS
from core.errors import IntegrationError

TIMEOUT = 10.0  # under half of the outbox's lease
EFFECT = "release_bot_effect"  # metadata of every message that the outbox sends
PAGES, PAGE = 5, 200

Blocks = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the token is, and what it may do."""

    bot_id: str
    user_id: str
    team: str
    scopes: frozenset[str]
    url: str = ""  # of the workspace, with a slash at its end


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack says of a person; standing is member, guest, bot or gone. `zone` is an IANA name, "" for none."""

    id: str
    name: str
    standing: str
    zone: str = ""


class Slack:
    """Slack's Web API as far as the bot needs it. `skew` is the last seen difference of Slack's clock and ours."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        self.skew = 0.0
        self._identity: Identity | None = None
        self._channels: dict[str, str] = {}
        self._dms: dict[str, str] = {}

    # -- messages --------------------------------------------------------------------------------------------------

    async def post(
        self, channel: str, text: str, blocks: Blocks, *, key: str = "", thread_ts: str = "", broadcast: bool = False
    ) -> Posted:
        """A message; `key` is kept in its metadata, so that it can be found again. `broadcast`: a reply that the
        channel shows too."""
        body: dict[str, Any] = {
            "channel": channel,
            "text": text,
            "blocks": list(blocks),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if key:
            body["metadata"] = {"event_type": EFFECT, "event_payload": {"key": key}}
        if thread_ts:
            body |= {"thread_ts": thread_ts} | ({"reply_broadcast": True} if broadcast else {})
        answer = await self.call("chat.postMessage", body)
        return Posted(str(answer["channel"]), str(answer["ts"]))

    async def update(self, where: Posted, text: str, blocks: Blocks) -> None:
        """Edit a message; its metadata stays because none is given."""
        await self.call(
            "chat.update", {"channel": where.channel, "ts": where.ts, "text": text, "blocks": list(blocks)}
        )

    async def delete(self, where: Posted) -> None:
        await self.call("chat.delete", {"channel": where.channel, "ts": where.ts})

    async def ephemeral(self, channel: str, person: str, text: str, blocks: Blocks, thread_ts: str = "") -> None:
        body: dict[str, Any] = {"channel": channel, "user": person, "text": text, "blocks": list(blocks)}
        await self.call("chat.postEphemeral", {**body, **({"thread_ts": thread_ts} if thread_ts else {})})

    async def find(self, channel: str, key: str, *, oldest: str = "0", thread_ts: str = "") -> list[Posted]:
        """Our own messages with this key, newer than `oldest` (a Slack time). Raises when the pages run out."""
        me = await self.identity()
        found: list[Posted] = []
        ask: dict[str, Any] = {"channel": channel, "oldest": oldest, "limit": PAGE, "include_all_metadata": True}
        method = "conversations.replies" if thread_ts else "conversations.history"
        if thread_ts:
            ask["ts"] = thread_ts
        for _ in range(PAGES):
            answer = await self.call(method, ask)
            found += [Posted(channel, str(m["ts"])) for m in _list(answer, "messages") if _is_ours(m, me, key)]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if found or not answer.get("has_more") or not cursor:
                return found
            ask = {**ask, "cursor": cursor}
        raise IntegrationError("slack", "too many messages to look through", retryable=False, code="look_ran_out")

    async def respond(self, response_url: str, body: Mapping[str, Any]) -> bool:
        """Answer where a person acted; best effort, two tries."""
        session = self.client.session
        if session is None:
            return False
        for _ in range(2):
            try:
                async with session.post(response_url, json=dict(body)) as answer:
                    if answer.status == 200:
                        return True
                    if answer.status < 500:
                        return False
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.05)
        return False

    # -- forms and Home --------------------------------------------------------------------------------------------

    async def open_form(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        await self.call("views.open", {"trigger_id": trigger_id, "view": dict(view)})

    async def update_form(self, view_id: str, view_hash: str, view: Mapping[str, Any]) -> None:
        """Change an open form; `view_hash` refuses when it changed meanwhile."""
        body: dict[str, Any] = {"view_id": view_id, "view": dict(view)}
        await self.call("views.update", {**body, **({"hash": view_hash} if view_hash else {})})

    async def push_form(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        await self.call("views.push", {"trigger_id": trigger_id, "view": dict(view)})

    async def publish_home(self, person: str, blocks: Blocks) -> None:
        await self.call("views.publish", {"user_id": person, "view": {"type": "home", "blocks": list(blocks)}})

    # -- people and places -----------------------------------------------------------------------------------------

    async def identity(self) -> Identity:
        """Who we are, read once."""
        if self._identity is None:
            answer = await self.call("auth.test", {})
            scopes = str(answer.headers.get("x-oauth-scopes") or "")
            self._identity = Identity(
                str(answer.get("bot_id", "")),
                str(answer.get("user_id", "")),
                str(answer.get("team", "")),
                frozenset(filter(None, scopes.replace(" ", "").split(","))),
                str(answer.get("url", "")),
            )
        return self._identity

    async def address(self, place: Posted) -> str:
        """The page of a message, as Slack writes the address; "" when the workspace's own is not known."""
        home = (await self.identity()).url
        return f"{home.rstrip('/')}/archives/{place.channel}/p{place.ts.replace('.', '')}" if home and place.ts else ""

    async def channel_id(self, name: str) -> str:
        """The id of a channel that the policy names; read again when it is not known (renamed, new)."""
        bare = name.removeprefix("#")
        if bare[:1] in "CG" and bare.isupper():
            return bare
        if bare not in self._channels:
            self._channels = {str(c["name"]): str(c["id"]) for c in await self._all_channels()}
        if bare not in self._channels:
            raise IntegrationError(
                "slack", f"no channel #{bare}", retryable=False, code="channel_not_found", channel=bare
            )
        return self._channels[bare]

    def forget_channels(self) -> None:
        """A channel was renamed, archived or left."""
        self._channels = {}

    async def _all_channels(self) -> list[Mapping[str, Any]]:
        ask: dict[str, Any] = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 1000}
        found: list[Mapping[str, Any]] = []
        while True:
            answer = await self.call("conversations.list", ask)
            found += answer.get("channels", [])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return found
            ask = {**ask, "cursor": cursor}

    async def channel(self, name: str) -> Mapping[str, Any]:
        """What Slack says of a channel: is_member, is_archived, name."""
        answer = await self.call("conversations.info", {"channel": await self.channel_id(name)})
        return dict(answer["channel"])

    async def dm(self, person: str) -> str:
        """The channel of the direct messages with a person."""
        if person not in self._dms:
            answer = await self.call("conversations.open", {"users": person})
            self._dms[person] = str(answer["channel"]["id"])
        return self._dms[person]

    async def group_members(self, group: str) -> tuple[str, ...]:
        answer = await self.call("usergroups.users.list", {"usergroup": group})
        return tuple(map(str, answer.get("users", [])))

    async def groups(self) -> dict[str, str]:
        """Group id -> handle, of the groups in use."""
        answer = await self.call("usergroups.list", {})
        return {str(g["id"]): str(g.get("handle", "")) for g in _list(answer, "usergroups")}

    async def profile(self, person: str) -> Profile:
        answer = await self.call("users.info", {"user": person})
        user = answer["user"]
        names = (user.get("profile") or {}).get("display_name"), user.get("real_name"), user.get("name"), person
        return Profile(person, next(str(n) for n in names if n), _standing(user), str(user.get("tz") or ""))

    # -- the call --------------------------------------------------------------------------------------------------

    async def call(self, method: str, body: Mapping[str, Any]) -> AsyncSlackResponse:
        """One call, one try. `doubt` says whether it may have been done although it failed."""
        about = METHODS[method]
        verb, way = about.http, "params" if about.http == "GET" else "json" if about.takes_json else "data"
        form: dict[str, Any] = {way: dict(body) if way == "json" else _flat(body)}
        try:
            answer = await self.client.api_call(method, http_verb=verb, **form)
        except aiohttp.ClientConnectorError as error:
            raise IntegrationError("slack", f"{method}: {error}", retryable=True, code="unreachable") from error
        except SlackApiError as error:
            raise refused(method, error) from error
        except (TimeoutError, aiohttp.ClientError, OSError, AttributeError) as error:
            why = f"{method}: {type(error).__name__}"  # AttributeError: a body that is no JSON object
            raise IntegrationError("slack", why, retryable=True, doubt=True, code="no_answer") from error
        complete(method, answer)
        self._note_clock(answer.headers)
        return answer

    def _note_clock(self, headers: Mapping[str, str]) -> None:
        stamp = headers.get("Date") or headers.get("date")
        if stamp:
            here = datetime.now(UTC)  # noqa: TID251  (transport time: compared with Slack's own)
            self.skew = (here - parsedate_to_datetime(stamp)).total_seconds()


def _is_ours(message: Mapping[str, Any], me: Identity, key: str) -> bool:
    meta = message.get("metadata") or {}
    return (
        meta.get("event_type") == EFFECT
        and (meta.get("event_payload") or {}).get("key") == key
        and message.get("bot_id") == me.bot_id
    )


def _standing(user: Mapping[str, Any]) -> str:
    if user.get("deleted"):
        return "gone"
    if user.get("is_bot"):
        return "bot"
    return "guest" if user.get("is_restricted") or user.get("is_ultra_restricted") else "member"


def _list(answer: AsyncSlackResponse, name: str) -> list[Mapping[str, Any]]:
    return list(answer.get(name) or [])


def _flat(body: Mapping[str, Any]) -> dict[str, str]:
    return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in body.items()}


def make_client(token: str, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client on the shared session, without retries: the outbox decides what is sent again."""
    return AsyncWebClient(token=token, base_url=base_url, session=session, timeout=int(TIMEOUT), retry_handlers=[])


def make_session() -> aiohttp.ClientSession:
    """The one session of the process; made inside the running loop."""
    connector = aiohttp.TCPConnector(limit=40, ttl_dns_cache=300)
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT, connect=5.0))
