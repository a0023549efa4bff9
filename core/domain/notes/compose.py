"""From a draft and what people made of it to the notes as they stand; drafting again loses no edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.domain.notes.message import tidy
from core.domain.notes.model import Draft, Edit, Finding, Gap, Heading, Item, Line, Notes
from core.domain.secrets import redact

LONGEST_LINE = 1000
_OF_FINDING = {"api": Heading.API, "config": Heading.CONFIG, "migration": Heading.UPGRADE}


def compose(draft: Draft, edits: Mapping[str, Edit], *, released: bool) -> Notes:
    """The notes for now: what is embargoed stays out until it is `released`; gaps that people closed are gone.

    Edits of items that are in the range no more wait for them to come back. What people wrote is redacted too.
    """
    made = _Made(draft, edits, released)
    for item in draft.items:
        made.add(item)
    for finding in draft.findings:
        made.add_finding(finding)
    made.add_breaking(draft.items)
    made.add_known()
    lines = {heading: tuple(made.lines[heading]) for heading in Heading if made.lines.get(heading)}
    return Notes(
        lines,
        unclassified=tuple(made.unclassified),
        hidden=tuple(made.hidden),
        embargoed=tuple(made.embargoed),
        gaps=tuple(made.told(g) for g in draft.gaps if not made.closed(g)),
        redacted=draft.redacted + made.redacted,
        base=draft.base,
        head=draft.head,
    )


class _Made:
    """What is collected on the way; `held` are ids that nobody may read yet."""

    def __init__(self, draft: Draft, edits: Mapping[str, Edit], released: bool) -> None:
        self.edits, self.hosts = edits, draft.hosts
        self.lines: dict[Heading, list[Line]] = {}
        self.unclassified: list[Item] = []
        self.hidden: list[Item] = []
        self.held = set() if released else {ident for ident, edit in edits.items() if edit.embargoed}
        self.embargoed: list[str] = []
        self.headings: dict[str, Heading | None] = {}
        self.redacted = 0

    def add(self, item: Item) -> None:
        edit = self.edits.get(item.id)
        heading = (edit and edit.heading) or item.heading
        self.headings[item.id] = heading
        if item.id in self.held:
            self.embargoed.append(item.id)
        elif heading is None:
            self.unclassified.append(item)
        elif heading is Heading.HIDDEN:
            self.hidden.append(item)
        else:
            text, by = (edit and self._said(edit)) or (item.title, "")
            commit = "" if item.pull else item.commits[0] if item.commits else ""
            self._line(heading, Line(item.id, text, item.keys, item.pull, commit, bool(item.breaking), by))

    def add_finding(self, finding: Finding) -> None:
        edit = self.edits.get(finding.id, Edit(finding.id))
        heading = edit.heading or _OF_FINDING[finding.kind]
        if finding.id in self.held:
            self.embargoed.append(finding.id)
            return
        if heading is Heading.HIDDEN:
            return
        drafted = finding.what
        if finding.kind == "migration":
            drafted = f"Database migration `{finding.path.rpartition('/')[2]}`: {finding.what}"
        text, by = self._said(edit) or (drafted, "")
        self._line(heading, Line(finding.id, text, breaking=finding.removed, edited_by=by))

    def add_breaking(self, items: Iterable[Item]) -> None:
        """What to do about a change that breaks something, where its author or a person says it."""
        for item in items:
            if not item.breaking:
                continue
            ident = f"upgrade:{item.id}"
            edit = self.edits.get(ident, Edit(ident))
            shown = item.id not in self.held and ident not in self.held
            if not shown or Heading.HIDDEN in (edit.heading, self.headings[item.id]):
                continue
            said = self._said(edit) or ((item.breaking, "") if item.breaking != "!" else None)
            if said:
                line = Line(ident, said[0], item.keys, item.pull, edited_by=said[1], breaking=True)
                self._line(edit.heading or Heading.UPGRADE, line)

    def add_known(self) -> None:
        edit = self.edits.get("known")
        if edit and edit.text and "known" not in self.held:
            for text in edit.text.splitlines():
                self._line(Heading.KNOWN, Line("known", self._clean(text.lstrip("-*• ")), edited_by=edit.by))

    def _said(self, edit: Edit) -> tuple[str, str] | None:
        text = self._clean(edit.text)
        return (text, edit.by) if text else None

    def _clean(self, text: str) -> str:
        found, count = redact(text, self.hosts)
        self.redacted += count
        return tidy(found, LONGEST_LINE)

    def _line(self, heading: Heading, line: Line) -> None:
        if line.text:
            self.lines.setdefault(heading, []).append(line)

    def told(self, gap: Gap) -> Gap:
        """The gap as it may be read; of what is held back without its words."""
        if gap.item.removeprefix("upgrade:") not in self.held:
            return gap
        return replace(gap, facts={k: v for k, v in gap.facts.items() if k not in ("title", "what")})

    def closed(self, gap: Gap) -> bool:
        """Whether what people did since answers the gap."""
        edit = self.edits.get(gap.item)
        if gap.code == "known_issues_open":
            return edit is not None
        if gap.code == "unclassified":
            return self.headings.get(gap.item) is not None
        if gap.code in ("no_upgrade_note", "contradiction"):
            return edit is not None and bool(edit.text or edit.heading)
        return gap.code in ("no_key", "no_pull") and self.headings.get(gap.item) is Heading.HIDDEN
