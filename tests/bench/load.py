"""A load of signed Slack requests over keep-alive sockets, light enough not to be what is measured."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import asdict, dataclass
from statistics import median
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Figures:
    """Requests a second, and the middle and late answer times in milliseconds."""

    rate: float
    p50: float
    p99: float
    wrong: int = 0
    p95: float = 0.0


def command(text: str, number: int, user: str = "U0PRIYA") -> bytes:
    """The body of one `/release` command as Slack sends it."""
    return urlencode(
        {
            "token": "legacy",
            "team_id": "T0SANDBOX",
            "team_domain": "sandbox",
            "channel_id": "C0RELEASES",
            "channel_name": "releases",
            "user_id": user,
            "user_name": "priya",
            "command": "/release",
            "text": text,
            "api_app_id": "A0APP",
            "response_url": f"http://127.0.0.1:9/response/{number}",
            "trigger_id": f"13.{number}.abcdef",
        }
    ).encode()


def signed(body: bytes, secret: str, host: str) -> bytes:
    """A whole HTTP request, signed for now."""
    stamp = str(int(time.time()))
    mark = "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nX-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {mark}\r\n\r\n"
    )
    return head.encode() + body


async def run(url: str, requests: list[bytes], connections: int, seconds: float, expect: bytes = b"") -> Figures:
    """Send the requests round and round; an answer that is not 200, or lacks `expect`, counts as wrong."""
    parts = urlsplit(url)
    end = time.perf_counter() + seconds
    taken: list[float] = []
    wrong = 0

    async def one(offset: int) -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        number = offset
        while time.perf_counter() < end:
            began = time.perf_counter()
            writer.write(requests[number % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length) if length else b""
            taken.append(time.perf_counter() - began)
            wrong += not head.startswith(b"HTTP/1.1 200") or expect not in body
            number += connections
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(n) for n in range(connections)))
    spent = time.perf_counter() - began
    taken.sort()
    late, latest = (taken[int(len(taken) * share)] * 1e3 for share in (0.95, 0.99))
    return Figures(len(taken) / spent, median(taken) * 1e3, latest, wrong, late)


if __name__ == "__main__":  # python -m tests.bench.load URL SECRET CONNECTIONS SECONDS TEXT EXPECT
    import sys

    url, secret, connections, seconds, text, expect = sys.argv[1:7]
    made = [signed(command(text, n), secret, urlsplit(url).netloc) for n in range(200)]
    got = asyncio.run(run(url, made, int(connections), float(seconds), expect.encode()))
    print(json.dumps(asdict(got)))
