"""Blocks and views as Slack's own types (`@slack/types`) tell them: a JSON schema made where the tests run."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from tests.plugins.witnesses import from_npm

WITNESS = Path(__file__).parent / "witness"
GENERATOR = "ts-json-schema-generator"


class SlackTypes:
    """Judges what people would see; a block that was judged before is not judged again."""

    def __init__(self, schema: dict[str, Any]) -> None:
        defined = schema["definitions"]
        self._validators = {name: Draft7Validator({**schema, "$ref": f"#/definitions/{name}"}) for name in defined}
        known = [one["$ref"].rpartition("/")[2] for one in defined["KnownBlock"]["anyOf"]]
        self._kinds = {_type_of(defined[name]): name for name in known}
        self._taken: set[str] = set()

    def faults(self, surface: str, made: Any) -> str:
        """What the types say against the blocks of a Message, or a Home or Modal as a whole; "" when they take it."""
        view = made if isinstance(made, dict) else {"blocks": made}
        found = [self._fault(self._kinds.get(block["type"], "KnownBlock"), block) for block in view["blocks"]]
        if isinstance(made, dict):
            found.append(self._fault(surface, {**made, "blocks": []}))
        return "; ".join(fault for fault in found if fault)

    def _fault(self, name: str, made: dict[str, Any]) -> str:
        text = json.dumps([name, made], sort_keys=True)
        if text in self._taken:
            return ""
        wrong = best_match(self._validators[name].iter_errors(made))
        if wrong is None:
            self._taken.add(text)
        return "" if wrong is None else f"{name} {wrong.json_path}: {wrong.message[:400]}"


def _type_of(definition: dict[str, Any]) -> str:
    """The word in `type` of a block; one that comes in several shapes has the same word in each."""
    shape = definition["anyOf"][0] if "anyOf" in definition else definition
    return str(shape["properties"]["type"]["const"])


def slack_types(kept: Path) -> SlackTypes:
    """The schema from the installed types; skips where node, npm or the registry is missing.

    `kept` is a folder of the tests' cache, for the packages and what was made of them. It is never in the repository.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine: Slack's own types are not asked")
    program = from_npm(WITNESS, kept, GENERATOR) / "bin" / f"{GENERATOR}.js"
    surfaces = (WITNESS / "surfaces.ts").read_bytes()
    made = kept / f"schema-{hashlib.sha256(surfaces).hexdigest()[:12]}.json"
    if not made.exists():
        source = kept / "surfaces.ts"
        source.write_bytes(surfaces)
        command = [node, str(program), "--path", str(source), "--type", "*", "--no-type-check"]
        told = subprocess.run(command, cwd=kept, capture_output=True, text=True, timeout=60, check=True)
        half = kept / f"{made.name}.{os.getpid()}"
        half.write_text(told.stdout, encoding="utf-8")
        half.replace(made)
    return SlackTypes(json.loads(made.read_text(encoding="utf-8")))
