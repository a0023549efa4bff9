"""The drawing process: pictures come in, PNG go out, each behind its length, until the input ends.

Both ends are ours and nobody else writes here, so what comes in is a pickle.
"""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress

from bot.charts import LENGTH
from bot.charts.drawing import png


def main() -> None:
    os.nice(19)  # whoever waits for an answer goes first
    with suppress(AttributeError, OSError):  # Linux: it never takes a processor away from who wakes up
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    while head := sys.stdin.buffer.read(LENGTH.size):
        drawn = png(pickle.loads(sys.stdin.buffer.read(LENGTH.unpack(head)[0])))
        sys.stdout.buffer.write(LENGTH.pack(len(drawn)) + drawn)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
