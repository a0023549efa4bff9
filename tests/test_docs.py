"""The documentation names what there is: settings, words, commands, targets, decisions; its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from bot.cli import make_cli
from bot.settings import Settings
from handlers.words import WORDS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "sandbox" / "README.md"])
LINK = re.compile(r"""(?:\]\(|(?:src|srcset)=")([^)"\s]+)""")
CODE = re.compile(r"`([^`\n]+)`")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchor(heading: str) -> str:
    """The anchor that a heading gets, by the rule of most viewers."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {anchor(line.lstrip("#")) for line in read(path).splitlines() if line.startswith("#")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(read(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, part = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (part and path.suffix == ".md" and part not in anchors(path)):
            broken.append(target)
    assert broken == []


def test_every_module_that_a_page_names_is_there() -> None:
    path_of = re.compile(r"`((?:core|handlers|bot|tests|sandbox)/[\w/]+(?:\.py)?)`")
    named = {(page.name, path) for page in PAGES for path in path_of.findall(read(page))}
    assert len(named) > 20
    assert [(page, path) for page, path in sorted(named) if not _is_module(path)] == []


def test_the_table_of_subjects_names_what_there_is() -> None:
    table = read(DOCS / "architecture.md").partition("## Where a subject lies")[2].partition("\n\nWords")[0]
    houses = ("core/domain", "core/domain/gates", "core/domain/moves", "core/usecases", "handlers")
    rows = [row.strip("|").split("|")[1:] for row in table.splitlines() if row.startswith("| ")][1:]
    cells = ((house, cell) for row in rows for house, cell in zip(houses, row, strict=True))
    named = [f"{house}/{name}" for house, cell in cells for name in CODE.findall(cell)]
    assert len(named) > 40
    assert [path for path in named if not _is_module(path)] == []


def _is_module(path: str) -> bool:
    return (ROOT / path).exists() or (ROOT / f"{path.rstrip('/')}.py").is_file()


def test_every_setting_is_explained_and_none_that_is_not() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", read(DOCS / "run.md"), re.MULTILINE)
    assert sorted(rows) == sorted(name.upper() for name in Settings.model_fields)


def test_every_default_stands_as_it_is() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", read(DOCS / "run.md"), re.MULTILINE))
    kept = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    assert {name: told for name, told in rows.items() if str(kept[name]).removesuffix(".0") != told} == {}
    assert set(rows) >= {"HOST", "PORT", "DATA_DIR", "RELEASE_POLICY"}


def test_every_word_stands_in_the_readme_and_among_the_commands() -> None:
    table = read(ROOT / "README.md").partition("## Words")[2].partition("\n## ")[0]
    told = set(re.findall(r"`([a-z ]+)`", table))
    assert {word.word for word in WORDS} - told == set()
    page = read(DOCS / "commands.md")
    assert [word.word for word in WORDS if f"`{word.word}`" not in page] == []


def test_every_decision_is_listed_by_its_title() -> None:
    records = sorted(path.name for path in (DOCS / "adr").glob("0*.md"))
    listed = re.findall(r"\]\((0[^)]+\.md)\)", read(DOCS / "adr" / "README.md"))
    assert listed == records


def test_every_page_is_reached_from_the_readme() -> None:
    reached, open_pages = set[Path](), [ROOT / "README.md"]
    while open_pages:
        page = open_pages.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = (t.partition("#")[0] for t in LINK.findall(read(page)) if not re.match(r"[a-z]+:", t))
        open_pages += [(page.parent / target).resolve() for target in targets if target]
    assert [str(page.relative_to(ROOT)) for page in DOCS.rglob("*.md") if page not in reached] == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {
        (page.name, target)
        for page in PAGES
        for code in CODE.findall(read(page))
        for target in re.findall(r"\bmake ([a-z]+)\b", code)
    }
    assert named >= {("README.md", "demo"), ("README.md", "test")}
    assert {(page, target) for page, target in named if target not in targets} == set()


def test_every_command_that_is_named_exists_with_its_options() -> None:
    group = typer.main.get_command(make_cli())
    said = [(page.name, code) for page in PAGES for code in CODE.findall(read(page)) if code.startswith("release-bot ")]
    assert len(said) > 20
    assert [(page, code, fault) for page, code in said if (fault := fault_of(group, code))] == []


def fault_of(group: object, code: str) -> str:
    """What is wrong with a command line as it is written in a page; nothing when it could be typed."""
    words, command = code.split()[1:], group
    while commands := getattr(command, "commands", None):
        if not words or words[0] not in commands:
            return f"there is no {words[0]}" if words and not words[0].startswith("-") else ""
        command, words = commands[words[0]], words[1:]
    known = {option for parameter in getattr(command, "params", ()) for option in parameter.opts}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    return f"has no {' '.join(unknown)}" if unknown else ""
