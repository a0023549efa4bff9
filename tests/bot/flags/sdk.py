"""The official UnleashClient beside a bot: `python sdk.py URL TOKEN`; it prints what it answers until it is told "end".

It runs in a process of its own, because its packages cannot live beside ours.
"""

from __future__ import annotations

import sys

from UnleashClient import UnleashClient


def main() -> None:
    url, token, folder = sys.argv[1:4]
    client = UnleashClient(
        url, "shop", environment="production", refresh_interval=1, metrics_interval=1, request_timeout=2,
        request_retries=0, custom_headers={"Authorization": token}, cache_directory=folder,
    )  # fmt: skip
    client.initialize_client()
    for line in sys.stdin:
        asked = line.split()
        if asked == ["end"]:
            break
        flag, users = asked[0], asked[1:]
        told = []
        for user in users:
            context = {"userId": user} if user != "-" else {}
            on = client.is_enabled(flag, context)
            told.append(client.get_variant(flag, context)["name"] if on and flag.startswith("arm") else "01"[on])
        print(" ".join(told), flush=True)
    client.destroy()


main()
