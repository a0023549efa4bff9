"""Which rule decides: labels, prefixes, emoji, plain words; and what each form of a message says."""

import pytest

from core.domain.forge import Pull
from core.domain.notes import message, words
from core.domain.notes.model import Heading, Item
from tests.core.domain.notes.story import labelled
from tests.core.domain.notes.told import commit, drafted, line


def item(title: str, *labels: str, body: str = "", **rules) -> Item:
    pulls = [Pull(1, title, labels=labels)] if labels else []
    return drafted(line(commit("a", f"{title} (#1)", body)), pulls=pulls, **rules).items[0]


@pytest.mark.parametrize(
    ("title", "labels", "heading", "why"),
    [
        ("feat: x", ("bug",), Heading.FIXES, "label:bug"),
        ("feat: x", ("documentation",), Heading.FEATURES, "prefix:feat"),
        ("x of y", ("Documentation",), Heading.HIDDEN, "label:Documentation"),
        ("feat: x", ("dependencies", "security"), Heading.SECURITY, "label:security"),
        ("feat: x", ("bug", "security", "skip-changelog"), Heading.HIDDEN, "label:skip-changelog"),
        ("x of y", ("type: bug",), Heading.FIXES, "label:type: bug"),
        ("x of y", ("kind/enhancement",), Heading.FEATURES, "label:kind/enhancement"),
        ("x of y", ("api", "bug"), Heading.FIXES, "label:bug"),
        ("x of y", ("area: api", "team/security"), None, ""),
        ("x of y", ("Kundenwunsch",), None, ""),
    ],
)
def test_labels_come_first_but_those_that_only_say_where(title, labels, heading, why):
    found = item(title, *labels)
    assert (found.heading, found.why) == (heading, why)


def test_the_policys_labels_win_over_all():
    mine = {"kundenwunsch": Heading.IMPROVEMENTS, "intern": Heading.HIDDEN}
    assert item("fix: x", "bug", "Kundenwunsch", labels=mine).heading is Heading.IMPROVEMENTS
    assert item("fix: x", "Intern", "Kundenwunsch", labels=mine).heading is Heading.HIDDEN


@pytest.mark.parametrize(
    ("title", "why", "shown"),
    [
        ("feat!(billing): x", "prefix:feat", "X"), ("feat(billing)!: x", "prefix:feat", "X"),
        ("FIX : x", "prefix:fix", "X"), ("AA-12: fix: x", "prefix:fix", "X"),
        ("[AA-12] feat: x", "prefix:feat", "X"), ("feat: AA-12 x", "prefix:feat", "X"),
        ("[Backport 1.2] fix: x", "prefix:fix", "X"), ("✨ x", "emoji:✨", "X"), (":bug: x", "emoji:bug", "X"),
        ("chore(deps): bump x from 1 to 2 [security]", "mark:security", "Bump x from 1 to 2 [security]"),
        ("[Fix] x [AA-9]", "prefix:fix", "X"), ("fix: UTF-8 in names.", "prefix:fix", "UTF-8 in names"),
        ("api: handle an empty list", "words:fix", "Handle an empty list"),
        ("api: two more fields", "prefix:api", "Two more fields"),
        ("billing: fix x", "words:fix", "Billing: fix x"), ("std::move of x", "", "Std::move of x"),
    ],
)  # fmt: skip
def test_forms_of_a_title(title: str, why: str, shown: str):
    found = item(title)
    assert (found.why, found.title) == (why, shown)


@pytest.mark.parametrize(
    ("body", "breaking"),
    [
        ("BREAKING CHANGE: amounts are cents\nin every answer\n\nmore", "amounts are cents in every answer"),
        ("BREAKING-CHANGE: a\nReviewed-by: Theo", "a"),
        ("* feat: a\n\nBREAKING CHANGE: b\n---------\n\nCo-authored-by: T <t@x.test>", "b"),
        ("this is no BREAKING CHANGE: at all", ""),
        ("> BREAKING CHANGE: quoted", ""),
        ("BREAKING CHANGE: none", ""),
        ("BREAKING CHANGES: N/A", ""),
        ("BREAKING CHANGE:", "!"),
    ],
)
def test_a_breaking_footer_stands_at_the_beginning_of_a_line(body: str, breaking: str):
    assert item("fix: x", body=body).breaking == breaking


def test_an_exclamation_mark_breaks_without_words_and_one_before_the_scope_is_named():
    assert item("feat(x)!: y").breaking == "!" and item("feat!: y").breaking == "!"
    assert item("x of y", "breaking change").breaking == "!"
    gaps = drafted(line(commit("a", "feat!(x): y"))).gaps
    assert [g.code for g in gaps if g.code.startswith(("odd", "no_up"))] == ["no_upgrade_note", "odd_prefix"]


@pytest.mark.parametrize(
    "title",
    ["Fix XSS in comments", "Encrypt bank details", "Add rate limiting", "Patch CVE-2024-3094",
     "Only admins may delete", "Remove the v0 endpoints", "Add API for meters", "Deprecate /api/v1/units",
     "Change GraphQL names", "search: bypass login",
     "Let users sign in with a secret link", "Fix leak of tenant names"],
)  # fmt: skip
def test_what_sounds_like_security_or_an_interface_is_left_to_a_person(title: str):
    assert item(title).heading is None


@pytest.mark.parametrize(
    "title",
    ["Tell the state when a play fails", "Let errors lie in order", "Show that nothing is lost",
     "Take a day that does not exist", "Add missing things",
     "Tidy up lease model", "WIP", "x", "Use Decimal for money", "Let the doctor compare"],
)  # fmt: skip
def test_what_is_not_sure_is_not_guessed(title: str):
    assert item(title).heading is None


def test_what_may_come_after_the_freeze():
    kinds = ["fix: x", "security: x", "docs: x", "feat: x", "Fix crash of x", "Add x to y", "chore(deps): x", "perf: x"]
    assert [item(t).fix for t in kinds] == [True, True, True, False, True, False, False, False]
    assert item("docs: x", fix_types=("fix",)).fix is False and item("perf: x", fix_types=("perf",)).fix is True


def test_the_text_of_a_squash_tells_what_its_title_does_not():
    found = item("Lease work", body="* feat: terms\n\n* fix: typo\n\n---------\n\nCo-authored-by: Theo <theo@x.test>")
    assert (found.heading, found.why, found.title) == (Heading.FEATURES, "prefix:feat", "Lease work")
    assert found.authors == ("Dana", "Theo")


def test_keys_come_from_the_title_then_the_branch_then_the_text():
    pattern = "AA-[0-9]+"
    assert item("fix: x [AA-1]", body="see AA-9", issue_pattern=pattern).keys == ("AA-1",)
    assert item("fix: x", body="Refs AA-9, AA-10 and AA-9", issue_pattern=pattern).keys == ("AA-9", "AA-10")
    merge = commit("m", "Merge pull request #7 from team/AA-5-late-fees", "fix: late fees\n\nAA-6", ["base", "a"])
    found = drafted(line(merge, commit("a", "wip", parents=["base"])), issue_pattern=pattern).items[0]
    assert found.keys == ("AA-5",)


PHRASES = """
fix xss|stop csrf|a cve-2024-1|dos attack|ddos|httponly flag|hsts header|csp header|cors rules|cookies
vulnerable|exploit|sql injection|security|insecure|malicious|encrypt x|decrypt x|cipher|sanitize|sanitise
privilege|impersonate|brute force|rate-limit|path traversal|open redirect|unauthorized|bypass|secret|credential
authenticate|authorise|permission|restrict access|only admins|signature check|escape html|leak of token
endpoints|graphql|openapi|swagger|the api|webhook payload|/api/x|see /v2/x|get /x|patch /x|add tests|specs
coverage|fixtures|mocks|testing|update readme.md|docs|documentation|changelog|code comments|contributing guide
adr|runbook|fix typo in test|github actions|gitlab ci|circleci|jenkinsfile|travis|pre-commit|mypy|pyright|ruff
eslint|prettier|pylint|flake8|isort|codecov|coveralls|dependabot|renovate|gitignore|editorconfig|makefile
dockerfile|devcontainer|tox|type hints|code owners|ci|linter|lint|build pipeline|deployment pipeline
issue template|pr templates|bump x|lock file maintenance|update dependencies|pin packages|unpin deps
refresh requirements|upgrade to x 1.2|refactor x|reformat|rename x module|move y class|moving z file
extract package|split helper|inline method|remove dead code|delete unused x|drop stale x|cleaned up imports
wrong x|incorrect|broken|missing|invalid|crash|error|empty x when|regression|it fails|breaks|throws|hangs
freezes|disappears|loses|is lost|not working|doesn't work|does not|isn't|won't|can not be|cannot be
no longer works|do not x|don't x|never x|no more x|no longer x|not x anymore|bring back x|brought back
stop x from doing|stopped doing|make sure|work around|make x faster|made x more fun|making x easier|faster x
quicker x|easier|clearer|smaller|simpler|better|nicer|shorter|lighter|larger|bigger|smoother|friendlier|smarter
leaner|more readable|speed up|sped up|n+1|unnecessary query|redundant calls|repeated load|extra request
needless render|slow load|update wording|change layout
"""  # what each part of each pattern is there for


def test_the_quick_look_at_the_beginnings_of_words_hides_nothing():
    rules = {name: rule for name, rule in vars(words).items() if isinstance(rule, words._Rule)}
    phrases = [p.strip() for p in PHRASES.strip().replace("\n", "|").split("|")]
    phrases += [row.title.lower() for name in ("labelled.tsv", "labelled_held.tsv") for row in labelled(name)]
    hidden = [(name, p) for name, rule in rules.items() for p in phrases
              if rule.pattern.search(p) and not rule.found(p, words._near(p))]  # fmt: skip
    assert hidden == []
    unused = [n for n, rule in rules.items() if sum(bool(rule.pattern.search(p)) for p in phrases) < 2]
    assert unused == [], "the phrases must try each rule"


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("Owner statements as PDF, AA-156", "Owner statements as PDF"),
        ("Owner statements as PDF - AA-156, AA-7", "Owner statements as PDF"),
        ("Read UTF-8, SHA-256", "Read UTF-8, SHA-256"),
        ("Undo what AA-156", "Undo what AA-156"),
        ("AA-156", "AA-156"),
        (", AA-156", ", AA-156"),
    ],
)
def test_a_key_behind_the_words_is_not_said_twice(title: str, left: str) -> None:
    """Only keys of the tracker go, and only where a mark parts them from the words: they may be part of a sentence."""
    assert message.unkeyed(title, ("AA-7", "AA-156")) == left
