"""CHANGELOG.md in the form of keep-a-changelog: a release's section read and inserted, two histories of it joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.domain.versions import Version

BOM = "\ufeff"  # some editors begin a file with it; it belongs to no line
EMPTY = "# Changelog\n\nWhat changed in each release, newest first.\n"

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r" {0,3}##[ \t]+(?P<title>[^\r\n]*)")
_NAME = re.compile(r"\[([^\]]+)\]|([^\s\[(]+)")
_LINK = re.compile(r" {0,3}\[(?P<label>[^\]]+)\]:[ \t]")
_FENCE = re.compile(r" {0,3}(?P<mark>```+|~~~+)")
_ENTRY = re.compile(r"[-*+][ \t]")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the second level with all lines up to the next one; `key` is the version or the lowered name."""

    key: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The file in three parts, which joined again are the file: what comes before, the sections, the link targets."""

    head: tuple[str, ...]
    sections: tuple[Section, ...]
    links: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join((*self.head, *(line for s in self.sections for line in s.lines), *self.links))

    def section(self, key: str) -> Section | None:
        return next((s for s in self.sections if s.key == key), None)


def section_of(text: str, version: str) -> str | None:
    """The section of `version` with its heading, without empty lines around it, line ends as on Unix; or None."""
    found = parse(text).section(_key(version))
    return None if found is None else "\n".join(_plain(found.lines))


def insert(text: str, version: str, section: str) -> str:
    """`text` with `section` (its heading included) as the section of `version`.

    It takes the place of the same version's section, else it comes above the first older one. All else stays byte for
    byte, the section gets the line ends of the file, and doing it twice is doing it once. Link targets that end
    `section` are put to those of the file. Raises ValueError when `section` does not begin with its heading.
    """
    book, key, ending = parse(text or EMPTY), _key(version), _ending(text)
    body, links = _given(section)
    heading = _HEADING.match(body[0]) if body else None
    if heading is None or _key(heading["title"]) != key:
        raise ValueError(f"the section does not begin with the heading of {version}")
    made = Section(key, tuple(line + ending for line in body))
    old = book.section(key)
    book = replace(book, links=_linked(book.links, [line + ending for line in links]))
    if old is None:
        return _with(book, made).text
    if _plain(old.lines) != _plain(made.lines):
        made = Section(key, (*made.lines, *old.lines[len(_trimmed(old.lines)) :]))
        book = replace(book, sections=tuple(made if s is old else s for s in book.sections))
    return book.text


def union(base: str, ours: str, theirs: str) -> str:
    """Both histories of one CHANGELOG: the sections of both, in the order of versions, no entry lost.

    What only one side changed is taken from it. Where both changed one section, the entries of both stand in it,
    without those that either took out. The line ends are those of `ours`.
    """
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    was, our, their = (parse(text.replace("\r\n", "\n")) for text in (base, ours, theirs))
    kept = [s for s in (_merged(was.section(s.key), s, their.section(s.key)) for s in our.sections) if s is not None]
    joined = Book(their.head if our.head == was.head else our.head, tuple(kept), _links_of(was, our, their))
    for section in their.sections:
        before = was.section(section.key)
        taken_out = before is not None and _plain(before.lines) == _plain(section.lines)
        if our.section(section.key) is None and not taken_out:
            joined = _with(joined, Section(section.key, tuple(line + "\n" for line in _plain(section.lines))))
    return joined.text.replace("\n", _ending(ours))


def parse(text: str) -> Book:
    """The parts of a CHANGELOG; a heading in code or in a comment is none."""
    mark = BOM if text.startswith(BOM) else ""
    lines: list[str] = _LINE.findall(text[len(mark) :])
    starts: list[tuple[int, str]] = []
    for number, outside in enumerate(_outside(lines)):
        if outside and (heading := _HEADING.match(lines[number])):
            starts.append((number, _key(heading["title"])))
    end = _links_from(lines, starts[-1][0] + 1 if starts else len(lines))
    edges = [*(number for number, _ in starts), end]
    sections = [Section(key, tuple(lines[edges[n] : edges[n + 1]])) for n, (_, key) in enumerate(starts)]
    head = (*([mark] if mark else []), *lines[: edges[0]])
    return Book(head, tuple(sections), tuple(lines[end:]))


def _outside(lines: Iterable[str]) -> Iterator[bool]:
    """For each line whether it stands outside of code and comments."""
    fence, comment = "", False
    for line in lines:
        mark = _FENCE.match(line)
        yield not fence and not comment
        if fence:
            fence = "" if mark and mark["mark"].startswith(fence) else fence
        elif comment or line.lstrip().startswith("<!--"):
            comment = "-->" not in line
        elif mark:
            fence = mark["mark"]


def _links_from(lines: Sequence[str], first: int) -> int:
    """Where the link targets at the end of the file begin."""
    at = len(lines)
    for number in range(len(lines) - 1, first - 1, -1):
        if _LINK.match(lines[number]):
            at = number
        elif lines[number].strip():
            break
    return at


def _given(section: str) -> tuple[list[str], list[str]]:
    """A section of ours as lines, and its link targets; what would end it early or hide what follows is escaped."""
    lines = section.replace("\r\n", "\n").strip("\n").split("\n")
    edge = _links_from(lines, 1)
    body, links = _trimmed(lines[:edge]), [line for line in lines[edge:] if line.strip()]
    open_end = list(_outside([*body, ""]))[-1:] == [False]
    safe = [
        "\\" + line.lstrip() if _HEADING.match(line) or (open_end and (_FENCE.match(line) or "<!--" in line)) else line
        for line in body[1:]
    ]
    return [*body[:1], *safe], links


def _with(book: Book, made: Section) -> Book:
    """The book with one more section, above the first older version; the unreleased stay on top, else it comes last."""
    version = Version.maybe(made.key)
    older = (n for n, s in enumerate(book.sections) if version and (v := Version.maybe(s.key)) and v < version)
    at = 0 if made.key == "unreleased" else next(older, len(book.sections))
    before = book.sections[at - 1].lines if at else tuple(line for line in book.head if line != BOM)
    ending = _ending("".join(made.lines))
    missing = "" if not before or before[-1].endswith("\n") else ending
    gap = missing + (ending if before and before[-1].strip() else "")
    tail = (ending,) if at < len(book.sections) or book.links else ()
    lines = (*([gap] if gap else []), *made.lines, *tail)
    return replace(book, sections=(*book.sections[:at], Section(made.key, lines), *book.sections[at:]))


def _merged(base: Section | None, ours: Section, theirs: Section | None) -> Section | None:
    """One section of both sides; None when the other side took it out and ours had not changed it."""
    was, our = _plain(base.lines) if base else None, _plain(ours.lines)
    if theirs is None:
        return None if was == our else ours
    their = _plain(theirs.lines)
    if their in (was, our):
        return ours
    rest = ours.lines[len(_trimmed(ours.lines)) :]
    made = their if our == was else _entries_merged(was or [], our, their)
    return Section(ours.key, (*(line + "\n" for line in made), *rest))


def _entries_merged(base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    """Entries under their sub-headings, in the order of `ours`, what is new in `theirs` at the end of its group."""
    was, our, their = _groups(base), _groups(ours), _groups(theirs)
    old = {entry for group in was.values() for entry in group}
    there = {entry for group in their.values() for entry in group}
    here = {entry for group in our.values() for entry in group}
    made = {name: [e for e in group if e not in old or e in there] for name, group in our.items()}
    for name, group in their.items():
        made.setdefault(name, []).extend(e for e in group if e not in old and e not in here)
    lines = [theirs[0] if ours[:1] == base[:1] else ours[0]]
    for name, group in made.items():
        if group:
            lines += ["", *([name, ""] if name else []), *(line for entry in group for line in entry)]
    return lines


def _groups(lines: Sequence[str]) -> dict[str, list[tuple[str, ...]]]:
    """Entries (a list item with the lines that go on in it, or a paragraph) by the heading above them."""
    groups: dict[str, list[tuple[str, ...]]] = {"": []}
    name, fresh = "", True
    for line in lines[1:]:
        if line.startswith("#"):
            name, fresh = line.strip(), True
            groups.setdefault(name, [])
        elif not line.strip():
            fresh = True
        elif _ENTRY.match(line) or (fresh and not line.startswith((" ", "\t"))) or not groups[name]:
            groups[name].append((line,))
            fresh = False
        else:
            groups[name][-1] += (line,)
            fresh = False
    return groups


def _links_of(base: Book, ours: Book, theirs: Book) -> tuple[str, ...]:
    was, our, their = (_by_label(book.links) for book in (base, ours, theirs))
    new = [line for label, line in their.items() if line != was.get(label) and our.get(label) == was.get(label)]
    gone = {line for label, line in our.items() if label in was and label not in their and line == was[label]}
    return _linked([line for line in ours.links if line not in gone], new)


def _linked(links: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """The link targets with the new ones: in place of the same label's, else on top."""
    fresh = _by_label(line if line.endswith("\n") else line + "\n" for line in new)
    made = [fresh.pop(match["label"], line) if (match := _LINK.match(line)) else line for line in links]
    return (*fresh.values(), *made)


def _by_label(links: Iterable[str]) -> dict[str, str]:
    return {match["label"]: line for line in links if (match := _LINK.match(line))}


def _key(title: str) -> str:
    match = _NAME.search(title)
    name = (match[1] or match[2]) if match else title
    version = Version.maybe(name)
    return str(version) if version else name.strip().lower()


def _trimmed(lines: Sequence[str]) -> list[str]:
    """Without the empty lines at the end."""
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _plain(lines: Sequence[str]) -> list[str]:
    """The lines without their ends and without empty ones around them."""
    return "".join(lines).replace("\r\n", "\n").strip("\n").split("\n")


def _ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
