"""A candidate's own commit: the version in the version files, the section in the CHANGELOG, and nothing else."""

from __future__ import annotations

from bot.integrations.gitrepo import objects, trees
from bot.integrations.gitrepo.names import printable
from bot.integrations.gitrepo.objects import Maker
from bot.integrations.gitrepo.process import Git
from core.domain import version_files
from core.domain.filing import FileDocuments
from core.domain.prepared import as_wanted, section_faults, version_faults
from core.domain.repository import FileFault, Prepare
from core.errors import Blocker, Refused

_HOPELESS = {
    "missing": "is not in the repository.",
    "no_version": "has no version where the policy's pattern looks for it.",
    "not_text": "is no text file that a commit can change: UTF-8, at most 1 MB, neither a link nor a folder.",
    "bad_section": "would get a section without the heading of the version.",
    "open_end": "has code or a comment that nobody closes, so whatever is written into it cannot be read.",
    "other_case": "is there under a name with other small and capital letters: the policy has to name that one.",
    "odd_version": "could not say this version: the policy's pattern would not find it there again.",
}


def prepared(maker: Maker, head: str, wanted: Prepare) -> str:
    """The commit on top of `head` that is prepared; `head` itself when nothing is to be changed.

    Raises Refused with every file that cannot be brought to what it must say.
    """
    git = maker.git
    found = _Files(git, head, wanted)
    faults = [fault for fault in found.faults() if fault.why in _HOPELESS]
    if faults:
        raise Refused([_blocker(fault.path, fault.why) for fault in faults])
    made = found.made()
    said = [(path, version_files.found(made[path], pattern)) for path, pattern in wanted.version_files]
    if odd := dict.fromkeys(path for path, version in said if version != wanted.version):
        raise Refused([_blocker(path, "odd_version") for path in odd])
    changed = {path: text for path, text in made.items() if text != found.texts.get(path)}
    if not changed:
        return head
    files = {path: (found.mode(path), trees.blob(git, text)) for path, text in changed.items()}
    try:
        tree = trees.with_files(git, objects.tree_of(git, head), files)
    except ValueError:  # only a new CHANGELOG can have a file where its folder should be
        raise Refused([_blocker(wanted.changelog, "not_text")]) from None
    return maker.commit(tree, (head,), wanted.title or f"Prepare v{wanted.version}")


def filed(maker: Maker, head: str, order: FileDocuments) -> str:
    """The commit on top of `head` with the files; `head` itself when all of them stand there. Raises Refused."""
    git = maker.git
    files = {path: (trees.FILES[0], trees.blob(git, text)) for path, text in sorted(order.files.items())}
    before = objects.tree_of(git, head)
    try:
        tree = trees.with_files(git, before, files)
    except ValueError:
        raise Refused([_blocker(next(iter(files), ""), "not_text")]) from None
    return head if tree == before else maker.commit(tree, (head,), order.title)


def faults(git: Git, sha: str, wanted: Prepare) -> tuple[FileFault, ...]:
    """What at a commit differs from what was to be prepared."""
    return tuple(_Files(git, sha, wanted).faults())


def _blocker(path: str, why: str) -> Blocker:
    return Blocker("git.prepare", {"path": printable(path), "why": why, "detail": _HOPELESS[why]})


class _Files:
    """The files of a preparation as they stand at a commit."""

    def __init__(self, git: Git, sha: str, wanted: Prepare) -> None:
        self.wanted = wanted
        paths = [path for path, _ in wanted.version_files] + [wanted.changelog] * bool(wanted.section)
        self.paths = tuple(dict.fromkeys(filter(None, paths)))
        self.entries = trees.entries(git, sha, self.paths)
        lacks_changelog = bool(wanted.section) and wanted.changelog not in self.entries
        self.twin = trees.twin(git, sha, wanted.changelog) if lacks_changelog else ""
        regular = {path: name for path, (mode, name) in self.entries.items() if mode in trees.FILES}
        contents = trees.blobs(git, list(regular.values()))
        plain = {name: content for name, content in contents.items() if b"\0" not in content}  # UTF-16 would be spoilt
        self.texts = {path: trees.text(plain[name]) for path, name in regular.items() if name in plain}

    def mode(self, path: str) -> str:
        return self.entries[path][0] if path in self.entries else trees.FILES[0]

    def faults(self) -> list[FileFault]:
        found: list[FileFault] = []
        for path in self.paths:
            new_changelog = path == self.wanted.changelog and path not in self.entries
            if not trees.is_path(path) or (path in self.entries and path not in self.texts):
                found.append(FileFault(path, "not_text"))
            elif path not in self.entries and not new_changelog:
                found.append(FileFault(path, "missing"))
            elif new_changelog and self.twin:
                found.append(FileFault(path, "other_case", self.twin))
        found += version_faults(self.texts, self.wanted)
        if self.wanted.changelog in self.paths and not any(f.path == self.wanted.changelog for f in found):
            found += section_faults(self.texts.get(self.wanted.changelog, ""), self.wanted)
        return found

    def made(self) -> dict[str, str]:
        """The texts as they must be."""
        return as_wanted(self.texts, self.wanted)
