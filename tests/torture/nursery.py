"""Starts `release-bot serve` again and again in a tenth of the time: one process has imported everything and forks.

Run as `python -m tests.torture.nursery SOCKET`. Each connection asks for one child with a JSON line {"env", "log",
"without"}; the child runs the program's own `main` with those variables and talks back on the connection, so that
the end of the stream is the end of the child, however it died.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

HOUSES = ("core", "handlers", "bot")
LATE = ("sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.dialects.sqlite.aiosqlite", "asyncpg", "aiosqlite")


def main() -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(sys.argv[1] + ".part")
    server.listen()
    _import_all()
    Path(sys.argv[1] + ".part").rename(sys.argv[1])  # whoever sees the socket finds everything imported
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    while True:
        line, _ = server.accept()
        asked = json.loads(line.makefile().readline())
        if os.fork() == 0:
            server.close()
            _serve(line, asked)
        line.close()


def _import_all() -> None:
    for house in HOUSES:
        package = importlib.import_module(house)
        for found in pkgutil.walk_packages(package.__path__, f"{house}."):
            if not found.name.endswith("__main__") and ".migrations." not in found.name:
                importlib.import_module(found.name)
    for name in LATE:
        importlib.import_module(name)


def _serve(line: socket.socket, asked: dict[str, Any]) -> NoReturn:
    """Become the bot: a new group, the asked environment, words to the line, complaints to the log."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    os.environ.clear()
    os.environ.update(asked["env"])
    log = os.open(asked["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.dup2(line.fileno(), 1)
    os.dup2(log, 2)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    print(os.getpid())
    sys.argv = ["release-bot", "serve"]
    code = 1
    try:
        from bot.__main__ import main as release_bot
        from tests.torture.unguarded import take_away

        take_away(asked["without"])
        release_bot()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def wait_for(path: Path, patience: float = 60.0) -> None:
    """Wait until a nursery listens there."""
    end = time.monotonic() + patience
    while not path.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"no nursery at {path}")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
