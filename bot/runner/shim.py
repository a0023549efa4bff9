"""Runs one command for the bot and outlives it: `python -I -S shim.py FOLDER`, its order on stdin, standard library
only.

It inherits a lock on FOLDER/alive, which the kernel frees when it ends, however it ends. It writes FOLDER/begun right
before the command starts, FOLDER/log without secrets as the command speaks, and at the end FOLDER/exit.json, whole or
not at all. FOLDER/stop asks it to end the command. The rules for secrets are the bot's own file, loaded by its path: so
nothing unredacted ever reaches the disk, and there is one set of rules. What takes long to import waits until the
command runs.
"""

from __future__ import annotations

import marshal
import os
import sys
import time

TYPE_CHECKING = False  # importing `typing` takes as long as starting Python
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bot.runner.shim_log import Log

LOOK = 0.1  # seconds between two looks at the clock and at FOLDER/stop
ROOM = 4096  # bytes kept free for the exit file
ROUNDS = 50  # of looking for processes that are still there
LINGER = 1.0  # seconds in which what a command said right before its end is read, although a child of it speaks on
SIGTERM, SIGKILL = 15, 9


def main(folder: str, room: int) -> None:
    """Read the order, run it, say how it ended."""
    try:
        order = marshal.loads(sys.stdin.buffer.read())
    except (EOFError, ValueError, TypeError):  # whoever ordered it was killed while saying what
        return
    for descriptor in order["held"]:
        os.set_inheritable(descriptor, False)  # the command's children must not keep us alive
    reading, writing = os.pipe()
    began = time.monotonic()
    try:
        pid = _spawned(folder, order, writing)
    except OSError as error:
        _finish(folder, room, {"rc": 126 if isinstance(error, PermissionError) else 127, "errno": error.errno or 0})
        return
    os.close(writing)
    os.set_blocking(reading, False)
    log = loaded(order["writer"]).Log(folder, order, loaded(order["rules"]).redact)
    watch = Watch(pid, folder, order, began)
    ended = watch.until_it_ends(reading, log)
    left_out = log.close()
    _finish(folder, room, {**ended, "left_out": left_out, "lost": int(log.lost)})


def _spawned(folder: str, order: Mapping[str, Any], out: int) -> int:
    """The command's process: a group of its own, the pipe as its output, nothing to read."""
    os.chdir(order["cwd"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    with open(os.path.join(folder, "begun"), "x") as begun:
        begun.write(f"{os.getpid()}\n")
    actions = [(os.POSIX_SPAWN_DUP2, nothing, 0), (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)]
    command = order["command"]
    pid = os.posix_spawnp(
        command[0], command, order["env"], file_actions=actions, setpgroup=0, setsigdef=order["signals"]
    )
    os.close(nothing)
    return pid


def _finish(folder: str, room: int, how: Mapping[str, int | str]) -> None:
    """Into the room that was kept for it, then renamed: whoever sees the file sees all of it."""
    import json

    said = json.dumps(how).encode()
    os.pwrite(room, said, 0)
    os.ftruncate(room, len(said))
    os.fsync(room)
    os.rename(os.path.join(folder, "exit.part"), os.path.join(folder, "exit.json"))


class Watch:
    """The command's process: what it says, whether it has ended, and its end by force."""

    def __init__(self, pid: int, folder: str, order: Mapping[str, Any], began: float) -> None:
        self.pid = pid
        self.stop = os.path.join(folder, "stop")
        self.mark = f"RELEASE_STEP={order['key']}".encode()
        self.grace: float = order["grace"]
        self.deadline = began + order["timeout"]
        self.why = ""  # we end it: "timeout" or "stopped"
        self.kill_at = began

    def until_it_ends(self, reading: int, log: Log) -> dict[str, int | str]:
        import json  # noqa: F401  (for the end, which should not wait for it)
        import select
        import signal

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a service that is stopped does not stop its commands
        woken, wake = os.pipe()
        for end in (woken, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        listening, status = [reading, woken], self._status()
        while status is None:
            ready, _, _ = select.select(listening, [], [], LOOK)
            if woken in ready:
                os.read(woken, 4096)
            if reading in ready and not log.read(reading):
                listening = [woken]  # it closed its output and works on
            log.look()
            self._look()
            status = self._status()
        until = time.monotonic() + LINGER
        while log.read(reading) and time.monotonic() < until:
            pass
        if self.why:
            self._signal_group(SIGKILL)
            self._end_all()
        code = os.waitstatus_to_exitcode(status)
        return {"rc": code, "signal": -code if code < 0 else 0, "why": self.why}

    def _status(self) -> int | None:
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return status if pid else None

    def _look(self) -> None:
        """Its time is over, or somebody wants it to end; a while after the polite word, everything of it is killed."""
        now = time.monotonic()
        if not self.why:
            self.why = "timeout" if now >= self.deadline else "stopped" if os.path.exists(self.stop) else ""
            if self.why:
                self.kill_at = now + self.grace
                self._signal_group(SIGTERM)
        elif now >= self.kill_at:
            self._signal_group(SIGKILL)
            self._end_all()

    def _signal_group(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return

    def _end_all(self) -> None:
        """What left the group still carries our mark in its environment, where the system shows one."""
        end_marked(self.mark, SIGKILL)


def end_marked(mark: bytes, number: int) -> int:
    """Send a signal to every process with this variable in its environment; returns how many there were."""
    count = 0
    for _ in range(ROUNDS):
        found = marked(mark)
        for pid in found:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        count += len(found)
        if not found or number != SIGKILL:
            break
        time.sleep(0.01)
    return count


def marked(mark: bytes) -> list[int]:
    """Processes with this variable (name=value) in the environment they were started with; none but on Linux."""
    found = []
    try:
        names = os.listdir("/proc")
    except FileNotFoundError:
        return []
    for name in names:
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/environ", "rb") as environ:
                    if mark in environ.read().split(b"\0"):
                        found.append(int(name))
            except OSError:  # gone meanwhile, or another person's
                continue
    return found


def loaded(path: str) -> Any:
    """A module of the bot by its file, without its package."""
    from importlib.machinery import SourceFileLoader
    from types import ModuleType

    module = ModuleType(os.path.basename(path).removesuffix(".py"))
    SourceFileLoader(module.__name__, path).exec_module(module)
    return module


def _room(folder: str) -> int:
    """Bytes for the exit file, so that a full disk cannot keep us from saying how it ended."""
    room = os.open(os.path.join(folder, "exit.part"), os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(room, b" " * ROOM)
    return room


if __name__ == "__main__":
    main(sys.argv[1], _room(sys.argv[1]))
    os._exit(0)  # nothing is left to tidy up, and somebody waits for our end
