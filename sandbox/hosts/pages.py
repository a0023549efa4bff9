"""Build the product's static frontend: `python pages.py FOLDER`, started in a checkout; standard library only.

The product's pages are functions of a query, so each is asked once, with the data that a fresh database has.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Write each page as a file, and beside them the version and that all is well."""
    sys.path[0] = str(Path.cwd())
    folder = Path(sys.argv[1])
    version = import_module("asset_anchor").VERSION
    import_module("asset_anchor.store").migrate()
    pages = import_module("asset_anchor.pages")
    front = pages.frame("Asset Anchor", f"<p>Properties, their owners and what comes in. Version {version}</p>")
    for path, text in {"properties": pages.PAGES["/"]({}), **{p: page({}) for p, page in pages.PAGES.items()}}.items():
        place = folder / path.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        (place / "index.html").write_text(front if path == "/" else text, encoding="utf-8")
    (folder / "version").write_text(version, encoding="utf-8")
    (folder / "healthz").write_text(json.dumps({"ok": True, "version": version}), encoding="utf-8")


if __name__ == "__main__":
    main()
