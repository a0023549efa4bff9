"""The plan of the house, checked: contracts, sizes, names, clocks, broad excepts, docstrings and mirrored tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOUSES = ("core", "handlers", "bot", "sandbox")

MAX_FILE = 300
MAX_TEST_FILE = 500  # the tests of one module stay in one file
MAX_FUNCTION = 45
FROZEN = "core/store/migrations/versions/"  # a revision is one recipe and is never edited, so it is not measured
LONG_FUNCTIONS: dict[str, str] = {}  # "path:function" -> why it reads better in one piece

VAGUE_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}

# The only places that may catch whatever comes: each keeps a loop or an answer alive and logs what it caught.
BROAD_EXCEPTS: dict[str, str] = {
    "bot/edge.py": "with process_before_response an exception would become an empty answer",
    "bot/outbox.py": "one row that fails must not end the loop: it is tried again",
    "bot/replies.py": "the task group that works after an answer",
    "bot/runner/driving.py": "a step whose executor breaks off is of unknown outcome, and people hear of it",
    "bot/rounds.py": "loops that must not die: a round that fails is tried again",
    "bot/runner/loop.py": "one run that fails must not end the loop: it is taken up again",
    "bot/scheduler.py": "a loop that must not die",
    "handlers/middleware.py": "the one place that turns an error into a kind message",
}

# The only files that read the machine's clock: everybody else asks the port.
CLOCKS: dict[str, str] = {
    "bot/clock.py": "the clock itself",
    "bot/integrations/slack.py": "compares the machine's clock with Slack's, to warn before signatures fail",
    "sandbox/workspace/clock.py": "the sandbox's own two clocks",
}

# Modules that are tested together, in one file. A use case is one unit of work; the walks drive them as people do.
TOGETHER: dict[str, tuple[str, str]] = {
    "tests/core/domain/test_engine.py": (
        "core/domain", "effects facts_parts parts product release situation"
    ),
    "tests/core/domain/test_lifecycle.py": ("core/domain", "diagram lifecycle_page"),
    "tests/core/domain/test_policy.py": ("core/domain", "policy_faults policy_model policy_parts"),
    "tests/scenarios/test_contents.py": ("core/usecases", "drafting strays"),
    "tests/scenarios/test_forge.py": ("core/usecases", "forge"),
    "tests/core/domain/test_contents.py": ("core/domain", "facts_contents"),
    "tests/core/domain/pipeline/test_stories.py": ("core/domain", "facts_runs"),
    "tests/core/domain/test_standing_in.py": ("core/domain", "casts lending"),
    "tests/core/domain/test_duties.py": ("core/domain", "policy_people"),
    "tests/core/domain/test_calendar.py": ("core/domain", "days_off"),
    "tests/scenarios/test_people.py": ("core/usecases", "people"),
    "tests/scenarios/test_reminders.py": ("core/usecases", "reminded reminders"),
    "tests/scenarios/test_rehearsal.py": ("core/usecases", "rehearsing"),
    "tests/scenarios/test_environments.py": ("core/usecases", "pausing"),
    "tests/bot/test_calendar_feed.py": ("core/usecases", "addresses feed"),
    "tests/bot/test_charts.py": ("core/usecases", "charts"),
    "tests/bot/test_digest.py": ("core/usecases", "digest"),
    "tests/bot/test_status_page.py": ("core/usecases", "status_page"),
    "tests/core/usecases/test_measuring.py": ("core/usecases", "metrics"),
    "tests/handlers/test_words.py": ("handlers", "words_table"),
    "tests/core/domain/test_risk.py": ("core/domain", "facts_signing"),
    "tests/scenarios/test_evidence_package.py": (
        "core/usecases", "archiving packages packaging populations"
    ),
    "tests/bot/integrations/gitrepo/test_filing.py": ("core/domain", "filing"),
    "tests/scenarios/test_walks.py": (
        "core/usecases", "advance context environments ground heads look scene start tick"
    ),
    "tests/core/domain/retro/test_retro.py": ("core/domain", "retrospective policy_retro next_release"),
    "tests/scenarios/test_retrospective.py": ("core/usecases", "retro"),
}
TESTED_ELSEWHERE = {
    f"{house}/{name}.py": test for test, (house, names) in TOGETHER.items() for name in names.split()
}
MIRRORED = ("core/domain", "core/usecases", "handlers")


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """What belongs to the project: files git tracks or would track, that still exist."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout
    paths = (ROOT / name for name in sorted(set(listed.split("\0"))) if name)
    return tuple(path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def in_houses(*suffixes: str) -> list[Path]:
    return [path for path in files(*suffixes) if name_of(path).split("/")[0] in HOUSES]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[result.stdout.find("Contracts") :] + result.stderr


def test_files_stay_short() -> None:
    measured = [path for path in files(".py", ".js") if not name_of(path).startswith(FROZEN)]
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in measured}
    long = {name: n for name, n in lines.items() if n > (MAX_TEST_FILE if name.startswith("tests/") else MAX_FILE)}
    assert not long, f"over {MAX_FILE} lines (tests {MAX_TEST_FILE}); split by noun, verb or resource: {long}"


def test_functions_stay_short() -> None:
    long = {
        f"{name_of(path)}:{function.name}": length
        for path in in_houses(".py")
        if not name_of(path).startswith(FROZEN)
        for function in functions(path)
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > MAX_FUNCTION
    }
    unlisted = {key: length for key, length in long.items() if key not in LONG_FUNCTIONS}
    assert not unlisted, f"over {MAX_FUNCTION} lines: {unlisted}"
    assert not LONG_FUNCTIONS.keys() - long.keys(), "listed as long, but short by now"


def test_names_say_what_is_inside() -> None:
    vague = [name_of(p) for p in files(".py", ".js") if VAGUE_NAMES & set(re.split(r"[_\-.]", p.stem.lower()))]
    assert not vague, f"name these after what they hold: {vague}"


def test_no_clock_is_read_but_the_clocks() -> None:
    reads = re.compile(r"\b(?:datetime\.(?:now|utcnow|today)|date\.today|time\.time)\s*\(")
    found = {name_of(p) for p in in_houses(".py") if reads.search(p.read_text("utf-8"))}
    assert found <= CLOCKS.keys(), f"ask the clock port: {sorted(found - CLOCKS.keys())}"
    assert found == CLOCKS.keys(), f"no longer a clock: {sorted(CLOCKS.keys() - found)}"


def _is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    broad = any(c is None or (isinstance(c, ast.Name) and c.id in ("Exception", "BaseException")) for c in caught)
    last = handler.body[-1]
    passes_on = isinstance(last, ast.Raise) and last.exc is None
    return broad and not passes_on


def test_broad_excepts_only_where_something_must_not_die() -> None:
    found = {
        name_of(path)
        for path in in_houses(".py")
        if any(isinstance(node, ast.ExceptHandler) and _is_broad(node) for node in ast.walk(tree_of(path)))
    }
    assert found <= BROAD_EXCEPTS.keys(), f"catch what you expect: {sorted(found - BROAD_EXCEPTS.keys())}"
    assert found == BROAD_EXCEPTS.keys(), f"no longer broad: {sorted(BROAD_EXCEPTS.keys() - found)}"


def test_nothing_names_a_machine() -> None:
    machine = re.compile(r"(?<![\w.:/-])/(?:home|root|Users|opt|work)/[\w.]")
    found = [
        f"{name_of(path)}:{number}"
        for path in files()
        if path.suffix not in (".png", ".ico", ".woff2", ".zip")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if machine.search(line)
    ]
    assert not found, f"paths of one machine: {found}"


def test_nothing_is_left_for_later() -> None:
    marks = re.compile("#.*\\b(?:TO" + "DO|FIX" + "ME|X" + "XX)\\b|raise NotImplemented" + "Error")
    found = [
        f"{name_of(path)}:{number}"
        for path in files(".py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert not found, f"do it or take it out: {found}"


def test_every_module_begins_with_what_it_is_for() -> None:
    silent = [name_of(path) for path in files(".py") if not (ast.get_docstring(tree_of(path)) or "").strip()]
    assert not silent, f"no docstring: {silent}"


def test_tests_are_no_packages() -> None:
    assert not [name for name in map(name_of, files(".py")) if re.fullmatch(r"tests/(.*/)?__init__\.py", name)]


def test_folders_of_code_are_packages() -> None:
    folders = {path.parent for path in in_houses(".py")}
    assert not [name_of(folder) for folder in folders if not (folder / "__init__.py").is_file()]


@pytest.mark.parametrize("house", MIRRORED)
def test_each_module_has_its_test(house: str) -> None:
    lacking = []
    for path in (p for p in files(".py") if p.parent == ROOT / house and p.stem != "__init__"):
        mirror = ROOT / "tests" / house / f"test_{path.stem}.py"
        elsewhere = TESTED_ELSEWHERE.get(name_of(path))
        if not (mirror.is_file() or (elsewhere and (ROOT / elsewhere).is_file())):
            lacking.append(name_of(path))
    assert not lacking, f"no tests/{house}/test_<name>.py: {lacking}"


def test_the_list_of_tests_elsewhere_is_not_stale() -> None:
    gone = [name for name in TESTED_ELSEWHERE if not (ROOT / name).is_file()]
    mirrored = [n for n in TESTED_ELSEWHERE if (ROOT / "tests" / Path(n).with_name(f"test_{Path(n).name}")).is_file()]
    assert not gone + mirrored


def test_links_in_the_docs_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
    broken = [
        f"{name_of(page)} -> {target}"
        for page in files(".md")
        for target in link.findall(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken, broken


def test_every_decision_is_listed() -> None:
    decisions = ROOT / "docs" / "adr"
    index = (decisions / "README.md").read_text("utf-8")
    assert not [page.name for page in decisions.glob("[0-9]*.md") if f"({page.name})" not in index]
