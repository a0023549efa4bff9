"""How Asset Anchor came to where the demo begins: five releases, twelve pull requests since, four open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sandbox.product.edits import Edit, Replace, Write
from sandbox.product.pulls import MERGED, OPEN, Pull, mail
from sandbox.product.source import CHANGELOG_HEAD, FIRST_VERSION
from sandbox.product.stream import Person, Stream

_MANAGER = Person("Theo", mail("Theo"))
_PAGES = "asset_anchor/pages/__init__.py"
_PAYMENTS = "asset_anchor/pages/payments.py"

_TENANTS = "CREATE TABLE tenant (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n-- migrate:down\nDROP TABLE tenant;\n"
_PHOTOS = """ALTER TABLE property ADD COLUMN photo TEXT;
-- migrate:down
ALTER TABLE property DROP COLUMN photo;
"""


@dataclass(slots=True)
class Story:
    """Writes the history; `now` moves on with each commit so that no two share an instant."""

    stream: Stream = field(default_factory=Stream)
    heads: dict[str, int] = field(default_factory=dict)
    now: datetime = datetime(2026, 8, 24, 13, 5, tzinfo=UTC)

    def begin(self) -> None:
        edits = tuple(Write(path, text) for path, text in FIRST_VERSION.items())
        first = self.stream.commit("main", _MANAGER.at(self.now), "Start Asset Anchor", edits)
        self.heads = {"main": first, "develop": first}
        self.stream.branch("develop", first)

    def at(self, month: int, day: int, hour: int = 15, minute: int = 0) -> None:
        self.now = datetime(2026, month, day, hour, minute, tzinfo=UTC)

    def commit(self, branch: str, who: Person, message: str, edits: tuple[Edit, ...] = (), *, merge: int = 0) -> int:
        self.now += timedelta(minutes=23)
        parents = (self.heads[branch], *((merge,) if merge else ()))
        self.heads[branch] = self.stream.commit(branch, who.at(self.now), message, edits, parents)
        return self.heads[branch]

    def start(self, branch: str, base: str) -> None:
        self.heads[branch] = self.heads[base]
        self.stream.branch(branch, self.heads[base])

    def pull(self, pull: Pull) -> None:
        """Merge a pull request into develop: squashed, or as a merge commit with its own branch behind it."""
        who = Person(pull.author, pull.email)
        if pull.squashed:
            self.commit("develop", who, pull.subject, pull.edits)
            return
        self.start(pull.branch, "develop")
        tip = self.commit(pull.branch, who, pull.title, pull.edits)
        message = f"Merge pull request #{pull.number} from {pull.branch}\n\n{pull.title}"
        self.commit("develop", who, message, pull.edits, merge=tip)
        self.drop(pull.branch)

    def release(self, version: str, base: str, notes: str, fixes: tuple[Pull, ...] = ()) -> None:
        """A release in the shape of git-flow: branch, bump, merge to main, tag, the tag merged back to develop."""
        branch = f"release/{version}"
        self.start(branch, base)
        for fix in fixes:
            self.commit(branch, Person(fix.author, fix.email), fix.subject, fix.edits)
        was = self.stream.trees[self.heads[branch]]["VERSION"]
        section = f"## [{version}] - {self.now:%Y-%m-%d}\n\n{notes}\n\n"
        bump: tuple[Edit, ...] = (
            Replace("VERSION", was, f"{version}\n"),
            Replace("CHANGELOG.md", CHANGELOG_HEAD, CHANGELOG_HEAD + section),
        )
        ready = self.commit(branch, _MANAGER, f"Prepare v{version}", bump)
        files = tuple(Write(path, text) for path, text in self.stream.trees[ready].items())
        shipped = self.commit("main", _MANAGER, f"Merge branch '{branch}' into main", files, merge=ready)
        self.stream.tag(f"v{version}", shipped, _MANAGER.at(self.now), f"v{version}\n\n{notes}\n")
        back = (*bump, *(edit for fix in fixes for edit in fix.edits))
        self.commit("develop", _MANAGER, f"Merge tag 'v{version}' into develop", back, merge=shipped)
        self.drop(branch)

    def drop(self, branch: str) -> None:
        """The branch goes, as its host deletes it after the merge."""
        del self.heads[branch]
        self.stream.forget(branch)


def told() -> Stream:
    """The whole history as a stream for git fast-import."""
    story = Story()
    story.begin()
    _until_production(story)
    for day, pull in zip((19, 19, 20, 20, 23, 23, 24, 24, 25, 27, 27, 30), MERGED, strict=True):
        if story.now.date() != datetime(2026, 11, day, tzinfo=UTC).date():
            story.at(11, day, 14, 40)
        story.pull(pull)
    story.at(11, 30, 17, 30)
    for pull in OPEN:
        story.start(pull.branch, "develop")
        story.commit(pull.branch, Person(pull.author, pull.email), pull.title, pull.edits)
    return story.stream


def _until_production(story: Story) -> None:
    story.at(9, 9)
    story.release("1.0.0", "develop", "Properties, owners and payments.")
    story.at(9, 16)
    for pull in _IN_1_1:
        story.pull(pull)
    story.at(10, 7)
    story.release("1.1.0", "develop", "- Tenants (AA-61)\n- Times of payment in order (AA-66)")
    story.at(10, 19)
    for pull in _IN_1_2:
        story.pull(pull)
    story.at(11, 4)
    story.release("1.2.0", "develop", "- Photos of a property (AA-84)\n- A menu on every page (AA-88)")
    story.at(11, 11)
    story.release("1.2.1", "main", "- Owners without a property are listed (AA-93)", (_FIX_1_2_1,))
    story.at(11, 18)
    story.release("1.2.2", "main", "- The fee of a payment follows the new contract (AA-97)", (_FIX_1_2_2,))


_IN_1_1 = (
    Pull(
        303, "Kim", "feat(tenants): keep who lives where, AA-61", "feature/AA-61-tenants",
        (Write("migrations/0040_tenants.sql", _TENANTS),),
        squashed=False,
    ),
    Pull(
        306, "Dana", "fix(payments): newest payments first, AA-66", "fix/AA-66-order",
        (Replace(_PAYMENTS, "ORDER BY day DESC", "ORDER BY day DESC, id DESC"),),
    ),
    Pull(
        309, "Jo", "Explain in the README how to try it", "readme-try",
        (Replace("README.md", "Branches:", "Open http://127.0.0.1:8000 and look around.\n\nBranches:"),),
    ),
)  # fmt: skip
_IN_1_2 = (
    Pull(
        314, "Ines", "feat(properties): photos of a property, AA-84", "feature/AA-84-photos",
        (Write("migrations/0041_photos.sql", _PHOTOS),),
        squashed=False,
    ),
    Pull(
        318, "Ben", "feat(pages): a menu on every page, AA-88", "feature/AA-88-menu",
        (Replace(_PAGES, "<nav>{menu}</nav>", "<nav aria-label=Pages>{menu}</nav>"),),
    ),
    Pull(
        321, "Theo", "Check the database in /healthz with one query", "healthz-query",
        (Replace("asset_anchor/store.py", "ready():\n", "ready():\n    # whether every migration has run\n"),),
    ),
)  # fmt: skip
_FIX_1_2_1 = Pull(
    325, "Kim", "fix(owners): list owners without a property, AA-93", "fix/AA-93-owners",
    (Replace("asset_anchor/pages/owners.py", "GROUP BY o.id\")", "GROUP BY o.id ORDER BY o.name\")"),),
)  # fmt: skip
_FIX_1_2_2 = Pull(
    327, "Dana", "fix(payments): the fee follows the new contract, AA-97", "fix/AA-97-fee",
    (
        Replace(_PAYMENTS, "FEE_PER_MILLE = 14\n", "FEE_PER_MILLE = 12\n"),
        Replace("tests/test_pages.py", "payments.fee(10000), 140", "payments.fee(10000), 120"),
    ),
)  # fmt: skip
