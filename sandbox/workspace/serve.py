"""Running the workspace as a server of its own, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable

from sandbox.workspace.workspace import Settings, Workspace


async def serve(settings: Settings, ready: Callable[[Workspace], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; `ready` hears when the address is known."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    async with Workspace(settings) as workspace:
        if ready is not None:
            ready(workspace)
        await stop.wait()
