"""UnleashClient's answers a second with the flags of FOLDER/state.json: `python unleash_sdk.py FOLDER SECONDS`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from UnleashClient import UnleashClient
from UnleashClient.cache import FileCache

folder, seconds = sys.argv[1], float(sys.argv[2])
cache = FileCache("bench", directory=folder)
cache.bootstrap_from_dict(json.loads((Path(folder) / "state.json").read_text()))
client = UnleashClient("http://127.0.0.1:9/api", "bench", disable_metrics=True, disable_registration=True, cache=cache)
client.initialize_client(fetch_toggles=False)
asked = [(f"flag-{n % 200}", {"userId": f"user-{n}"}) for n in range(20_000)]
assert client.is_enabled("flag-0", {"userId": "x"}) and not client.is_enabled("unheard-of", {"userId": "x"})
best, end = 0.0, time.perf_counter() + seconds
while time.perf_counter() < end:
    began = time.perf_counter()
    for name, context in asked[:5_000]:
        client.is_enabled(name, context)
    best = max(best, 5_000 / (time.perf_counter() - began))
print(best)
client.destroy()
