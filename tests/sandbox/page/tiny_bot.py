"""A small scripted bot behind real signed requests, so that the page is tested without the houses."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from sandbox.workspace.workspace import Workspace

Json = dict[str, Any]
LEAVES = "<!date^1797433200^{date_long_pretty} at {time}|16 Dec 2026, 10:00 Eastern>"
HOSTILE = "&lt;script&gt;window.hurt = 1&lt;/script&gt; <script>window.hurt = 2</script> <!channel> "
HOSTILE += "<javascript:window.hurt=3|press me> &lt;!channel&gt; <https://example.com/away|away>"


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(label: str, action: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(label), "action_id": action, "value": "v1.3.0", **more}


def card(phases: str, waits: str, approvals: str) -> list[Json]:
    """The living card, as the guide and the page read it by its block ids."""
    return [
        {"type": "header", "block_id": "title", "text": plain("v1.3.0 · minor release")},
        {"type": "context", "block_id": "phases", "elements": [mrkdwn(phases)]},
        {"type": "section", "block_id": "waits", "text": mrkdwn(f"*Leaves* {LEAVES} · led by <@U0PRIYA>\n{waits}")},
        {
            "type": "section",
            "block_id": "facts",
            "fields": [mrkdwn(f"*Approvals*\n{approvals}"), mrkdwn("*Tests*\n✅ passed")],
        },
        {
            "type": "actions",
            "block_id": "do",
            "elements": [
                button("What is missing?", "why", style="primary"),
                button("Reject…", "reject"),
                {
                    "type": "overflow",
                    "action_id": "more",
                    "options": [{"text": plain("Roles"), "value": "roles"}, {"text": plain("Notes"), "value": "notes"}],
                },
            ],
        },
    ]


WAITING = card(
    "✓ Planning  ✓ Development  ✓ Stabilization  *●\u00a0Preparation*  ○ Deployment  ○ Post-release",
    "⏳ *Waits for* <@U0MIRA> to approve as product manager",
    "⏳ 0 of 1, product manager",
)
STABILIZING = card(
    "✓ Planning  ✓ Development  *●\u00a0Stabilization*  ○ Preparation  ○ Deployment  ○ Post-release",
    "⏳ *Waits for* <@U0QADIR> to sign off the tests",
    "⏳ 0 of 1, product manager",
)
APPROVED = card(
    "✓ Planning  ✓ Development  ✓ Stabilization  *●\u00a0Preparation*  ○ Deployment  ○ Post-release",
    "⏳ *Waits for* <@U0QADIR> to sign off staging",
    "✅ 1 of 1, product manager",
)
REQUEST: list[Json] = [
    {"type": "section", "text": mrkdwn("<@U0PRIYA> asks you as *product manager*.")},
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            button(
                "Approve (last signature)",
                "approve",
                style="primary",
                confirm={
                    "title": plain("Approve v1.3.0?"),
                    "text": plain("Yours is the last signature."),
                    "confirm": plain("Approve"),
                    "deny": plain("Not yet"),
                },
            )
        ],
    },
]
FORM: Json = {
    "type": "modal",
    "callback_id": "start",
    "title": plain("Start a release"),
    "submit": plain("Start"),
    "close": plain("Cancel"),
    "blocks": [
        {
            "type": "input",
            "block_id": "version",
            "label": plain("Version"),
            "hint": plain("Three numbers"),
            "element": {"type": "plain_text_input", "action_id": "version"},
        },
        {
            "type": "input",
            "block_id": "lead",
            "label": plain("Who leads it?"),
            "element": {"type": "users_select", "action_id": "lead", "initial_user": "U0PRIYA"},
        },
    ],
}
HOME: list[Json] = [
    {"type": "header", "text": plain("Waits for you · 2")},
    {"type": "section", "text": mrkdwn("*v1.3.0* · approve it"), "accessory": button("Look", "look")},
]


class TinyBot:
    """Answers commands, clicks, forms and Home; `heard` keeps what came in."""

    def __init__(self, slack: Workspace) -> None:
        self.slack = slack
        self.heard: list[str] = []
        self.card_ts = ""
        self.first_card = WAITING
        self.tested = False
        self._verifier = SignatureVerifier(slack.settings.signing_secret)
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/slack/events", self._request)
        self._session = aiohttp.ClientSession()
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.slack.bot_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        assert self._runner and self._session
        await self._runner.cleanup()
        await self._session.close()

    async def call(self, method: str, **body: Any) -> Json:
        assert self._session
        headers = {"Authorization": f"Bearer {self.slack.settings.token}"}
        async with self._session.post(f"{self.slack.api_url}{method}", json=body, headers=headers) as answer:
            result: Json = await answer.json()
        assert result["ok"], (method, result)
        return result

    async def _request(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        if not self._verifier.is_valid_request(body, dict(request.headers)):
            return web.Response(status=401)
        if request.content_type == "application/json":
            return await self._event(json.loads(body)["event"])
        fields = {key: values[0] for key, values in parse_qs(body).items()}
        if "payload" in fields:
            return await self._interaction(json.loads(fields["payload"]))
        self.heard.append(f"{fields['user_id']} {fields['command']} {fields.get('text', '')}".strip())
        return await self._command(fields)

    async def _command(self, fields: dict[str, str]) -> web.StreamResponse:
        text = fields.get("text", "")
        if text == "start minor":
            posted = await self.call(
                "chat.postMessage", channel="C0RELEASES", text="v1.3.0 waits for Mira.", blocks=self.first_card
            )
            self.card_ts = posted["ts"]
            await self.call(
                "chat.postMessage", channel="U0MIRA", text="Priya asks you to approve v1.3.0.", blocks=REQUEST
            )
            return web.json_response({"text": "v1.3.0 is started."})
        if text == "start":
            await self.call("views.open", trigger_id=fields["trigger_id"], view=FORM)
            return web.Response()
        if text == "hostile":
            blocks = [{"type": "section", "text": mrkdwn(HOSTILE)}]
            await self.call("chat.postMessage", channel="C0RELEASES", text="hostile", blocks=blocks)
            return web.Response()
        if text == "why" and fields["user_id"] == "U0QADIR" and not self.tested:
            section = {"type": "section", "text": mrkdwn("⏳ *Tests*"), "accessory": button("They passed", "tick")}
            return web.json_response({"text": "Tests are missing.", "blocks": [section]})
        if text == "ready" and self.tested:
            place = {"channel": "C0RELEASES", "ts": self.card_ts}
            await self.call("chat.update", **place, text="v1.3.0 waits for Mira.", blocks=WAITING)
            return web.Response()
        if text == "silent":
            return web.Response(status=500)
        return web.json_response({"text": f"I do not know `{text}`."})

    async def _interaction(self, payload: Json) -> web.StreamResponse:
        if payload["type"] == "view_submission":
            version = payload["view"]["state"]["values"]["version"]["version"]["value"]
            self.heard.append(f"{payload['user']['id']} sends {version}")
            if version == "1.2.1":
                errors = {"version": "1.2.1 is older than production. Next free: 1.2.3"}
                return web.json_response({"response_action": "errors", "errors": errors})
            return web.Response()
        if payload["type"] == "block_actions":
            await self._click(payload)
        if payload["type"] in ("shortcut", "message_action"):
            self.heard.append(f"{payload['user']['id']} {payload['type']} {payload['callback_id']}")
        return web.Response()

    async def _click(self, payload: Json) -> None:
        action = payload["actions"][0]
        chosen = action.get("selected_option", {}).get("value", "")
        self.heard.append(f"{payload['user']['id']} clicks {action['action_id']} {chosen}".strip())
        if action["action_id"] == "approve":
            done = [{"type": "section", "text": mrkdwn("✅ You approved v1.3.0.")}]
            place = {"channel": payload["channel"]["id"], "ts": payload["message"]["ts"]}
            await self.call("chat.update", **place, text="You approved v1.3.0.", blocks=done)
            await self.call(
                "chat.update", channel="C0RELEASES", ts=self.card_ts, text="v1.3.0 is approved.", blocks=APPROVED
            )
            words = "Mira approved v1.3.0 as product manager (1 of 1)."
            await self.call("chat.postMessage", channel="C0RELEASES", thread_ts=self.card_ts, text=words)
        if action["action_id"] == "tick":
            self.tested = True
        if action["action_id"] == "reject":
            await self.call("views.open", trigger_id=payload["trigger_id"], view=FORM)

    async def _event(self, event: Json) -> web.StreamResponse:
        if event["type"] == "app_home_opened":
            view = {"type": "home", "blocks": HOME}
            await self.call("views.publish", user_id=event["user"], view=view)
        return web.Response()
