"""The baseline: a Bolt app whose only listener acks. `python -m tests.bench.bare PORT SECRET (before|default)`."""

from __future__ import annotations

import sys

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult


async def authorize() -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None, team_id="T0SANDBOX", bot_token="xoxb-bench", bot_id="B0", bot_user_id="U0"
    )


def main() -> None:
    port, secret, runner = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    app = AsyncApp(signing_secret=secret, authorize=authorize, process_before_response=runner == "before")

    @app.command("/release")
    async def release(ack: AsyncAck) -> None:
        await ack()

    web.run_app(
        app.server(port=port, path="/slack/events").web_app,
        host="127.0.0.1",
        port=port,
        access_log=None,
        print=lambda *_: None,
    )


if __name__ == "__main__":
    main()
