"""The baseline: aiohttp parses a body and answers what OFREP would. `python -m tests.bench.bare_ofrep PORT`."""

from __future__ import annotations

import json
import sys

from aiohttp import web

TOLD = b'{"key":"flag-3","reason":"DEFAULT","value":false,"variant":"off"}'


async def answer(request: web.Request) -> web.Response:
    json.loads(await request.read())
    return web.Response(body=TOLD, content_type="application/json")


def main() -> None:
    app = web.Application()
    app.router.add_post("/ofrep/v1/evaluate/flags/{key:.+}", answer)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=lambda *_: None)


if __name__ == "__main__":
    main()
