"""Files in trees without a work tree: read at a commit, put in place of others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.integrations.gitrepo.process import Git

FILES = ("100644", "100755")  # modes of regular files: no links, no folders, no modules
LARGEST = 1_000_000  # bytes of a text that is read
FOLDER = "040000"
EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git knows the tree without files everywhere

_NOT_A_PATH = re.compile(r"(?:^|/)(?:\.{0,2}|\.git)(?:/|$)", re.I)

Entry = tuple[str, str]  # mode, object


def is_path(path: str) -> bool:
    """Whether it can be the path of a file in a repository: relative, no step up, no control characters."""
    return bool(path) and not _NOT_A_PATH.search(path) and path.isprintable() and len(path) < 1000


def entries(git: Git, tree: str, paths: Sequence[str]) -> dict[str, Entry]:
    """Mode and object of those of the paths that `tree` (or a commit) has."""
    asked = [path for path in dict.fromkeys(paths) if is_path(path)]
    if not asked:
        return {}
    out = git.read("--literal-pathspecs", "ls-tree", "-z", "--full-tree", tree, "--", *asked).out
    return {path: entry for path, entry in _listed(out).items() if path in asked}


def twin(git: Git, tree: str, path: str) -> str:
    """A path of the tree that differs from `path`, which is not there, only in small and capital letters; else ""."""
    found: list[str] = []
    mode = FOLDER
    for part in path.split("/"):
        listed = _listed(git.read("ls-tree", "-z", tree).out) if mode == FOLDER else {}
        same = [part] if part in listed else [name for name in listed if name.casefold() == part.casefold()]
        if not same:
            return ""
        found.append(same[0])
        mode, tree = listed[same[0]]
    return "/".join(found)


def blobs(git: Git, names: Sequence[str], largest: int = LARGEST) -> dict[str, bytes]:
    """The contents of blobs by their names, without those that are larger."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    sizes = _cat(git, "--batch-check=%(objectname) %(objectsize)", wanted).decode().splitlines()
    known = [(name, size) for name, _, size in (line.partition(" ") for line in sizes) if size.isdigit()]
    fitting = [name for name, size in known if int(size) <= largest]
    out = _cat(git, "--batch", fitting) if fitting else b""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        name, _, size = out[at:end].decode().split(" ")
        found[name] = out[end + 1 : end + 1 + int(size)]
        at = end + int(size) + 2
    return found


def text(content: bytes) -> str:
    """Any bytes as text, and back the same: a letter of another encoding stands in it as a surrogate."""
    return content.decode("utf-8", "surrogateescape")


def blob(git: Git, content: str) -> str:
    return git.read("hash-object", "-w", "--stdin", stdin=content.encode("utf-8", "surrogateescape")).text


def with_files(git: Git, tree: str, files: Mapping[str, Entry]) -> str:
    """The tree with these files in place of, or beside, those it has. Raises ValueError where a file is in the way."""
    if not files:
        return tree
    listed = _listed(git.read("ls-tree", "-z", tree).out) if tree != EMPTY else {}
    folders: dict[str, dict[str, Entry]] = {}
    for path, entry in files.items():
        name, _, rest = path.partition("/")
        if rest:
            folders.setdefault(name, {})[rest] = entry
        else:
            listed[name] = entry
    for name, inside in folders.items():
        mode, old = listed.get(name, ("040000", EMPTY))
        if mode != "040000":
            raise ValueError(f"{name} is no folder")
        listed[name] = (mode, with_files(git, old, inside))
    lines = "".join(
        f"{mode} {'tree' if mode == '040000' else 'commit' if mode == '160000' else 'blob'} {name}\t{path}\0"
        for path, (mode, name) in listed.items()
    )
    return git.read("mktree", "-z", "--missing", stdin=lines.encode("utf-8", "surrogateescape")).text


def _listed(out: bytes) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for line in filter(None, text(out).split("\0")):
        what, _, path = line.partition("\t")
        mode, _, name = what.split()
        found[path] = (mode, name)
    return found


def _cat(git: Git, how: str, names: Sequence[str]) -> bytes:
    """What git tells of objects; all names are asked at once, so it need not flush after each answer."""
    return git.read("cat-file", "--buffer", how, stdin="".join(f"{name}\n" for name in names).encode()).out
