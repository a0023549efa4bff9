"""What a title says where there is neither prefix nor label: sure, or None. Security and API are never guessed here.

A title that sounds like either is left to a person, also where its verb is clear: what it says may be a weakness that
nobody outside should read yet, or a promise to those who build on the product.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from core.domain.notes.model import Heading

Guess = tuple[Heading, str] | None
_HIDDEN = Heading.HIDDEN

_BASE = {
    "fix": "fix correct repair resolve solve prevent avoid restore handle ensure guard unbreak recover mend",
    "feat": "add allow support implement introduce enable create send export import track generate integrate "
    "provide offer launch attach publish invite permit accept",
    "improve": "improve enhance optimize optimise reduce simplify polish refine streamline clarify remember accelerate "
    "increase decrease lower shorten revise rework redesign restyle tweak modernize modernise show display highlight "
    "sort shrink raise ease extend expand beautify",
    "odd": "return",
}
_SHORT = {"send", "show"}
_PAST = {"sent": "send", "showed": "show", "shown": "show"}


def _forms(verb: str) -> set[str]:
    """A verb as subjects have it: fix, fixes, fixed, fixing."""
    if verb.endswith("e"):
        return {verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"}
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return {verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"}
    plural = f"{verb}es" if verb.endswith(("s", "x", "sh", "ch")) else f"{verb}s"
    past = set() if verb in _SHORT else {f"{verb}ed"}
    return {verb, plural, f"{verb}ing", *past}


_VERBS = {form: kind for kind, verbs in _BASE.items() for verb in verbs.split() for form in _forms(verb)}
_VERBS |= {form: _VERBS[verb] for form, verb in _PAST.items()}


class _Rule(NamedTuple):
    """A pattern, and the beginnings of words (four letters) without one of which it cannot match."""

    name: str
    stems: tuple[str, ...]
    pattern: re.Pattern[str]

    def found(self, low: str, near: Collection[str]) -> bool:
        return self.name in near and self.pattern.search(low) is not None


def _either(name: str, stems: str, *parts: str) -> _Rule:
    return _Rule(name, tuple(stems.split()), re.compile("|".join(parts)))


_FILLED = (
    r"(?:(?:the|a|an|some|more|missing|basic|new|initial|old|failing|broken|flaky|flakey|slow|unit|integration|e2e|"
    r"end-to-end|regression|smoke|snapshot|api|python|frontend|backend|ui) ){0,4}"
)
_SECRETS = "token|password|secret|personal|private|data|session|cookie|credential|user|tenant"
# Only ever read by a person: see the module's first words.
_DELICATE = _either(
    "delicate",
    "cve xss csrf ssrf xxe rce dos ddos http hsts csp cors cook vuln expl inje secu inse mali encr decr ciph "
    "sani priv impe brut rate path open unau bypa secr cred auth perm rest only sign esca leak",
    r"\b(?:cve-?\d|xss|csrf|ssrf|xxe|rce|dos|ddos|httponly|hsts|csp|cors|cookies?)\b",
    r"\b(?:vulnerab|exploit|injection|securi|insecure|malicious|encrypt|decrypt|cipher|saniti[sz]|privilege|impersonat)",
    r"\b(?:brute.?force|rate.?limit|path traversal|open redirect|unauthori[sz]ed|bypass|secret|credential|authenticat)",
    r"\b(?:authori[sz]|permission|restrict (?:access|who)|only admins?|sign(?:ature|ed) (?:check|verif))",
    r"\bescape (?:html|user|sql|shell|input)",
    rf"\bleak(?:s|ed|ing)? (?:of )?(?:{_SECRETS})",
)
_INTERFACE = _either(
    "interface",
    "endp grap open swag api webh v0 v1 v2 v3 v4 v5 v6 v7 v8 v9 get post put patc dele",
    r"\b(?:endpoints?|graphql|openapi|swagger|api)\b",
    r"\bwebhooks? (?:payload|schema|event|format)",
    r"/api/|/v\d/|\b(?:get|post|put|patch|delete) /",
)
_VARIABLE = re.compile(r"\b(?:environment variable|env var(?:iable)?)s?\b")
_NAME = re.compile(r"\b[A-Z][A-Z0-9]{1,30}_[A-Z0-9_]{1,60}\b")
_TESTS = _either(
    "test",
    "test spec cove fixt mock",
    rf"^(?:\w{{2,12}} )?{_FILLED}(?:tests?|specs?|coverage|fixtures?|mocks?|testing)"
    r"\b(?! (?:tenant|result|mail|message|payment|mode|user|account))",
)
_PAPERS = r"(?:readme(?:\.\w+)?|docs?|docstrings?|documentation|changelog|code comments?"
_DOCS = _either(
    "docs",
    "read doc docs docu chan code comm cont adr runb typo",
    rf"^(?:\w{{2,12}} )?{_FILLED}{_PAPERS}|comments? in|contributing(?: guide)?|adr|runbook)\b(?! upload)",
    rf"\b(?:in|to|of|from) (?:the )?{_PAPERS})$",
    r"^(?:fix )?typos? in (?:a |the )?(?:variable|function|log|test|docstring|comment|method|class)",
)
_TOOLS = _either(
    "ci",
    "gith gitl circ jenk trav pre mypy pyri ruff esli pret pyli flak isor code cove depe reno giti edit make "
    "dock devc tox type ci lint buil depl issu pull pr",
    r"\b(?:github actions?|gitlab ci|circleci|jenkins(?:file)?|travis|pre-commit|mypy|pyright|ruff|eslint|prettier)\b",
    r"\b(?:pylint|flake8|isort|codecov|coveralls|dependabot|renovate|gitignore|editorconfig|makefile|dockerfile)\b",
    r"\b(?:devcontainer|tox|type hints?|type annotations?|code ?owners|ci|linter|linting|lint)\b",
    r"\b(?:(?:ci|build|deploy(?:ment)?) pipeline|(?:issue|pull request|pr) templates?)\b",
)
_DEPENDENCY = _either(
    "deps",
    "bump lock upda upgr pin unpi refr",
    r"^bump \S|^lock file maintenance",
    r"^(?:update|upgrade|pin|unpin|refresh) (?:(?:all|the|our|python|npm|js|dev|non-major|minor|patch|pinned) ){0,3}"
    r"(?:dependenc|deps\b|requirements|lock ?file|packages?\b|package(?:-lock)?\.json|(?:poetry|yarn)\.lock|submodule)",
    r"^(?:update|upgrade)s? (?:to )?(?:dependency )?@?[\w./-]{1,60}(?: version)?(?: from \S{1,30})? ?(?:to )?"
    r"v?\d+(?:\.[\dx]+){0,3}\b",
)
_RELEASE = re.compile(
    r"^(?:release|prepare|preparing|version|begin|start|back to)"
    r"(?: (?:release|version|for|next|the|development|of)){0,3} v?\d+\.\d"
    r"|^v?\d+\.\d+\.\d+\S{0,20}$|^bump (?:the )?version|^merge (?:branch|remote|pull request|tag|\S{1,60} into)\b"
)
_INNER = _either(
    "refactor",
    "refa refo rena move movi extr spli inli remo dele drop clea",
    r"^refactor|^reformat",
    r"^(?:rename|move|extract|split|inline)\w{0,3} .{0,80}\b(?:module|package|class|function|helper|method|variable|"
    r"constant|component|code ?base|in the code|namespace|file)(?:e?s)?\b",
    r"^(?:remov|delet|drop|clean)\w{0,4}(?: ?up)? (?:(?:some|the|all|old|now) )?(?:unused|dead|obsolete|redundant|"
    r"leftover|unneeded|unnecessary|stale|commented|debug|deprecated|(?:feature )?flags?|imports?|warnings|code)\b",
)
_LET = re.compile(
    r"^let(?:s|ting)? (?:(?:all|every|the|new|other) )?(?:users?|customers?|people|(?:every|any)(?:one|body)|admins?|"
    r"administrators?|members?|owners?|guests?|visitors?|teams?|operators?|managers?|you|them) \w"
)
_SIDE = re.compile(
    r"\b(?:when|if|that|what|which|who|because|where|while|after|before|unless|so|instead|whether|how)\b|[,;:]"
)
_SYMPTOM = _either(
    "symptom",
    "wron inco brok miss inva cras erro empt regr fail brea thro hang free disa lose is not does doesn isn "
    "won can cann no",
    r"^(?:wrong|incorrect|broken|missing|invalid|crash(?:es)?|error|empty .{1,40} (?:when|after|if)|regression)\b",
    r"\b(?:crash(?:es)?|fails?|breaks|throws|hangs|freezes|disappears?|loses|is (?:lost|wrong|broken|missing))\b",
    r"\b(?:not working|does ?n.t work|does not|doesn.t|isn.t|won.t|can ?not be|no longer works)\b",
)
_NEVER = _either(
    "never",
    "do don neve no not brin brou stop make made maki work",
    r"^(?:do not|don.t|never|no more|no longer|not? \w{1,20} anymore|bring(?:s|ing)? back|brought back)\b",
    r"^stop(?:s|ped)? \S{1,40}(?: \S{1,40}){0,6} from \w{1,40}ing\b|^stop(?:s|ped)? \w{1,40}ing\b",
    r"^(?:make|made|makes|making) sure\b|^work(?:ed|s|ing)? around\b",
)
_MORE = "faster|quicker|easier|clearer|smaller|simpler|better|nicer|shorter|lighter|larger|bigger|smoother|friendlier"
_COMPARED = _either(
    "compared",
    "make made maki spee sped fast quic easi clea smal simp bett nice shor ligh larg bigg smoo frie smar lean "
    "more",
    rf"^(?:make|makes|made|making) .{{1,80}}?\b(?:{_MORE}|more \w{{1,30}}|accessible|readable|responsive|consistent|"
    r"searchable|sortable|usable)\b",
    rf"^(?:{_MORE}|smarter|leaner|more readable)\b|^(?:speed|speeds|sped|speeding) up\b",
)
_WASTE = _either(
    "waste",
    "n unne redu repe extr need slow",
    r"\bn ?\+ ?1\b",
    r"\b(?:unnecessary|redundant|repeated|extra|needless|slow) (?:\w{1,30} ){0,3}(?:quer|request|render|call|load)",
)
_LOOKS = _either(
    "looks",
    "upda chan",
    r"^(?:updat|chang)\w{1,3} .{0,40}\b(?:wording|layout|design|texts?|translations?|icons?|colou?rs?|styling|copy|"
    r"look|labels?|font)\b",
)
_NO_FEATURE = re.compile(  # what is added, but for nobody outside
    r"^\w+ (?:(?:a|an|the|some|more|extra|better|debug|basic) ){0,3}(?:missing|log(?:s|ging)?|metrics?|index(?:es)?|"
    r"indices|migrations?|helpers?|scripts?|asserts?|assertions?|guards?|checks?|null|validation|todos?|feature flags?|"
    r"comments?|workaround|timeouts?|retry|retries|constraints?|copyright|licen[sc]es?)\b"
)


_INSIDE = (_DEPENDENCY, _DOCS, _TESTS, _TOOLS, _INNER)  # each named as the kind that it stands for
_RULES = (*_INSIDE, _DELICATE, _INTERFACE, _SYMPTOM, _NEVER, _COMPARED, _WASTE, _LOOKS)
_NEAR = {stem: frozenset(rule.name for rule in _RULES if stem in rule.stems) for rule in _RULES for stem in rule.stems}
_WORD = re.compile(r"[^\W_]+")


def delicate(title: str) -> bool:
    """Whether a title sounds like a weakness or a promise to those who build on the product."""
    low = title.lower()
    near = _near(low)
    return _DELICATE.found(low, near) or _INTERFACE.found(low, near)


def guess(title: str) -> Guess:
    """The heading of a title without prefix, and the rule; None where one cannot be sure."""
    low = title.lower()
    near = _near(low)
    if _RELEASE.match(low):
        return _HIDDEN, "release"
    if near and (inner := _inside(low, near)):
        return inner
    if "env" in low and _VARIABLE.search(low) and _NAME.search(title):
        return Heading.CONFIG, "config"
    if not near:
        return _by_verb(low)
    if _DELICATE.found(low, near) or _INTERFACE.found(low, near):
        return None
    return _by_turn(low, near) or _by_verb(low, "symptom" in near)


def _near(low: str) -> Collection[str]:
    """The names of the rules that may match. Most titles have none, and to look for these is much quicker."""
    found: set[str] = set()
    for word in _WORD.findall(low):
        if (names := _NEAR.get(word[:4])) is not None:
            found |= names
    return found


def _inside(low: str, near: Collection[str]) -> Guess:
    """What only those who work on the product can notice."""
    for rule in _INSIDE:
        if rule.found(low, near):
            return _HIDDEN, rule.name
    return None


def _by_turn(low: str, near: Collection[str]) -> Guess:
    """What a turn of phrase says, whatever the verb is."""
    if _WASTE.found(low, near):
        return Heading.IMPROVEMENTS, "improve"
    if _NEVER.found(low, near):
        return Heading.FIXES, "fix"
    if _COMPARED.found(low, near) or _LOOKS.found(low, near):
        return Heading.IMPROVEMENTS, "improve"
    return None


def _by_verb(low: str, symptoms: bool = False) -> Guess:
    """What the first word says; of a title with `symptoms` also what it complains about."""
    first = low.split(" ", 1)[0].strip(",.;:!")
    kind = _VERBS.get(first, "")
    if kind == "fix":
        return Heading.FIXES, "fix"
    if kind == "feat":
        return None if _NO_FEATURE.match(low) else (Heading.FEATURES, "feat")
    if kind == "improve":
        return None if low.startswith(("show that", "display that")) else (Heading.IMPROVEMENTS, "improve")
    if kind == "odd":
        return (Heading.FIXES, "fix") if " instead of " in low else None
    if (first == "new" and " " in low) or _LET.match(low):
        return Heading.FEATURES, "feat"
    if not symptoms:
        return None
    symptom = _SYMPTOM.pattern.search(low)  # of the main clause: "when it fails" is a condition and no fault
    return (Heading.FIXES, "fix") if symptom and not _SIDE.search(low, 0, symptom.start()) else None
