"""What the files of a candidate must say, as texts: the version in the version files, the section in the CHANGELOG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.domain import changelog, version_files
from core.domain.repository import FileFault, Prepare

MESSAGE = "chore(release): prepare "  # begins that of the commit that writes them; the candidate's tag follows


def version_faults(texts: Mapping[str, str], wanted: Prepare) -> Iterator[FileFault]:
    """The version files among `texts` that say another version than the wanted one, or none."""
    for path, pattern in wanted.version_files:
        version = version_files.found(texts[path], pattern) if path in texts else wanted.version
        if version != wanted.version:
            yield FileFault(path, "no_version" if version is None else "other", version or "")


def section_faults(text: str, wanted: Prepare) -> Iterator[FileFault]:
    """What is wrong with the CHANGELOG `text`; "" for one that is not there yet."""
    path = wanted.changelog
    try:
        made = changelog.insert(text, wanted.version, wanted.section)
    except ValueError:
        yield FileFault(path, "bad_section")
        return
    if changelog.section_of(made, wanted.version) is None:
        yield FileFault(path, "open_end")
    elif changelog.section_of(text, wanted.version) is None:
        yield FileFault(path, "no_section")
    elif made != text:
        yield FileFault(path, "other_section")


def as_wanted(texts: Mapping[str, str], wanted: Prepare) -> dict[str, str]:
    """The texts as they must be. Raises ValueError where a pattern finds no version."""
    made = dict(texts)
    for path, pattern in wanted.version_files:
        made[path] = version_files.bump(made[path], pattern, wanted.version)
    if wanted.section and wanted.changelog:
        made[wanted.changelog] = changelog.insert(made.get(wanted.changelog, ""), wanted.version, wanted.section)
    return made
