"""`python -m sandbox`: the Slack-like workspace on its own, for a bot that is started elsewhere."""

from __future__ import annotations

import argparse
import asyncio
import sys

from sandbox.workspace.serve import serve
from sandbox.workspace.workspace import Settings, Workspace


def settings_of(words: list[str]) -> Settings:
    """The settings that the command line asks for."""
    default = Settings()
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A strict Slack-like workspace.")
    parser.add_argument("--host", default=default.host, help="address to listen on (this machine only by default)")
    parser.add_argument("--port", type=int, default=8800, help="port to listen on; 0 takes a free one")
    parser.add_argument("--bot", default="http://127.0.0.1:8801", help="where the bot listens")
    parser.add_argument("--signing-secret", default=default.signing_secret, help="secret that requests are signed with")
    parser.add_argument("--token", default=default.token, help="the bot token that is accepted")
    parser.add_argument("--start", default=default.start, help="release time at the beginning, ISO 8601")
    parser.add_argument("--rate-scale", type=float, default=1.0, help="1 is Slack's pace, 0.1 ten times faster, 0 none")
    parser.add_argument("--events", default=",".join(sorted(default.events)), help="events that the app subscribed to")
    given = parser.parse_args(words)
    return Settings(
        token=given.token,
        signing_secret=given.signing_secret,
        bot_url=given.bot.rstrip("/"),
        host=given.host,
        port=given.port,
        start=given.start,
        rate_scale=given.rate_scale,
        events=frozenset(word for word in given.events.split(",") if word),
    )


def main() -> None:
    """Serve until stopped."""

    def ready(workspace: Workspace) -> None:
        sys.stdout.write(
            f"The workspace is open: {workspace.url}\n"
            f"For the bot: SLACK_API_URL={workspace.api_url} CLOCK_URL={workspace.clock_url}\n"
        )
        sys.stdout.flush()

    asyncio.run(serve(settings_of(sys.argv[1:]), ready))


if __name__ == "__main__":
    main()
