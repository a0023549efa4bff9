"""Run the product's module here and end when the sandbox is gone: `python child.py PARENT MODULE [arguments]`.

Standard library only; it is started as a file, in the folder of a checkout.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading
import time
from pathlib import Path

LOOK_EVERY = 0.5


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os._exit(0)


def main() -> None:
    """Watch, and be the module."""
    parent, module, *arguments = sys.argv[1:]
    threading.Thread(target=_follow, args=(int(parent),), daemon=True).start()
    sys.path[0] = str(Path.cwd())
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
