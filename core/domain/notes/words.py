"""What a title says where there is neither prefix nor label: sure, or None. Security and API are never guessed here.

A title that sounds like either is left to a person, also where its verb is clear: what it says may be a weakness that
nobody outside should read yet, or a promise to those who build on the product.
"""

from __future__ import annotations

import re

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


def _either(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts))


_FILLED = (
    r"(?:(?:the|a|an|some|more|missing|basic|new|initial|old|failing|broken|flaky|flakey|slow|unit|integration|e2e|"
    r"end-to-end|regression|smoke|snapshot|api|python|frontend|backend|ui) ){0,4}"
)
_SECRETS = "token|password|secret|personal|private|data|session|cookie|credential|user|tenant"
# Only ever read by a person: see the module's first words.
_DELICATE = _either(
    r"\b(?:cve-?\d|xss|csrf|ssrf|xxe|rce|dos|ddos|httponly|hsts|csp|cors|cookies?)\b",
    r"\b(?:vulnerab|exploit|injection|securi|insecure|malicious|encrypt|decrypt|cipher|saniti[sz]|privilege|impersonat)",
    r"\b(?:brute.?force|rate.?limit|path traversal|open redirect|unauthori[sz]ed|bypass|secret|credential|authenticat)",
    r"\b(?:authori[sz]|permission|restrict (?:access|who)|only admins?|sign(?:ature|ed) (?:check|verif))",
    r"\bescape (?:html|user|sql|shell|input)",
    rf"\bleak(?:s|ed|ing)? (?:of )?(?:{_SECRETS})",
)
_INTERFACE = _either(
    r"\b(?:endpoints?|graphql|openapi|swagger|api)\b",
    r"\bwebhooks? (?:payload|schema|event|format)",
    r"/api/|/v\d/|\b(?:get|post|put|patch|delete) /",
)
_VARIABLE = re.compile(r"\b(?:environment variable|env var(?:iable)?)s?\b")
_NAME = re.compile(r"\b[A-Z][A-Z0-9]{1,30}_[A-Z0-9_]{1,60}\b")
_TESTS = _either(
    rf"^(?:\w{{2,12}} )?{_FILLED}(?:tests?|specs?|coverage|fixtures?|mocks?|testing)"
    r"\b(?! (?:tenant|result|mail|message|payment|mode|user|account))",
)
_PAPERS = r"(?:readme(?:\.\w+)?|docs?|docstrings?|documentation|changelog|code comments?"
_DOCS = _either(
    rf"^(?:\w{{2,12}} )?{_FILLED}{_PAPERS}|comments? in|contributing(?: guide)?|adr|runbook)\b(?! upload)",
    rf"\b(?:in|to|of|from) (?:the )?{_PAPERS})$",
    r"^(?:fix )?typos? in (?:a |the )?(?:variable|function|log|test|docstring|comment|method|class)",
)
_TOOLS = _either(
    r"\b(?:github actions?|gitlab ci|circleci|jenkins(?:file)?|travis|pre-commit|mypy|pyright|ruff|eslint|prettier)\b",
    r"\b(?:pylint|flake8|isort|codecov|coveralls|dependabot|renovate|gitignore|editorconfig|makefile|dockerfile)\b",
    r"\b(?:devcontainer|tox|type hints?|type annotations?|code ?owners|ci|linter|linting|lint)\b",
    r"\b(?:(?:ci|build|deploy(?:ment)?) pipeline|(?:issue|pull request|pr) templates?)\b",
)
_DEPENDENCY = _either(
    r"^bump \S|^lock file maintenance",
    r"^(?:update|upgrade|pin|unpin|refresh) (?:(?:all|the|our|python|npm|js|dev|non-major|minor|patch|pinned) ){0,3}"
    r"(?:dependenc|deps\b|requirements|lock ?file|packages?\b|package(?:-lock)?\.json|(?:poetry|yarn)\.lock|submodule)",
    r"^(?:update|upgrade)s? (?:to )?(?:dependency )?@?[\w./-]{1,60}(?: version)?(?: from \S{1,30})? ?(?:to )?"
    r"v?\d+(?:\.[\dx]+){0,3}\b",
)
_RELEASE = _either(
    r"^(?:release|prepare|preparing|version|begin|start|back to)"
    r"(?: (?:release|version|for|next|the|development|of)){0,3} v?\d+\.\d",
    r"^v?\d+\.\d+\.\d+\S{0,20}$|^bump (?:the )?version|^merge (?:branch|remote|pull request|tag|\S{1,60} into)\b",
)
_INNER = _either(
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
    r"^(?:wrong|incorrect|broken|missing|invalid|crash(?:es)?|error|empty .{1,40} (?:when|after|if)|regression)\b",
    r"\b(?:crash(?:es)?|fails?|breaks|throws|hangs|freezes|disappears?|loses|is (?:lost|wrong|broken|missing))\b",
    r"\b(?:not working|does ?n.t work|does not|doesn.t|isn.t|won.t|can ?not be|no longer works)\b",
)
_NEVER = _either(
    r"^(?:do not|don.t|never|no more|no longer|not? \w{1,20} anymore|bring(?:s|ing)? back|brought back)\b",
    r"^stop(?:s|ped)? \S{1,40}(?: \S{1,40}){0,6} from \w{1,40}ing\b|^stop(?:s|ped)? \w{1,40}ing\b",
    r"^(?:make|made|makes|making) sure\b|^work(?:ed|s|ing)? around\b",
)
_MORE = "faster|quicker|easier|clearer|smaller|simpler|better|nicer|shorter|lighter|larger|bigger|smoother|friendlier"
_COMPARED = _either(
    rf"^(?:make|makes|made|making) .{{1,80}}?\b(?:{_MORE}|more \w{{1,30}}|accessible|readable|responsive|consistent|"
    r"searchable|sortable|usable)\b",
    rf"^(?:{_MORE}|smarter|leaner|more readable)\b|^(?:speed|speeds|sped|speeding) up\b",
)
_WASTE = _either(
    r"\bn ?\+ ?1\b",
    r"\b(?:unnecessary|redundant|repeated|extra|needless|slow) (?:\w{1,30} ){0,3}(?:quer|request|render|call|load)",
)
_LOOKS = _either(
    r"^(?:updat|chang)\w{1,3} .{0,40}\b(?:wording|layout|design|texts?|translations?|icons?|colou?rs?|styling|copy|"
    r"look|labels?|font)\b",
)
_NO_FEATURE = _either(  # what is added, but for nobody outside
    r"^\w+ (?:(?:a|an|the|some|more|extra|better|debug|basic) ){0,3}(?:missing|log(?:s|ging)?|metrics?|index(?:es)?|"
    r"indices|migrations?|helpers?|scripts?|asserts?|assertions?|guards?|checks?|null|validation|todos?|feature flags?|"
    r"comments?|workaround|timeouts?|retry|retries|constraints?|copyright|licen[sc]es?)\b",
)


def delicate(title: str) -> bool:
    """Whether a title sounds like a weakness or a promise to those who build on the product."""
    low = title.lower()
    return bool(_DELICATE.search(low) or _INTERFACE.search(low))


def guess(title: str) -> Guess:
    """The heading of a title without prefix, and the rule; None where one cannot be sure."""
    low = title.lower()
    if inner := _inside(low):
        return inner
    if _VARIABLE.search(low) and _NAME.search(title):
        return Heading.CONFIG, "config"
    if _DELICATE.search(low) or _INTERFACE.search(low):
        return None
    return _by_verb(low)


def _inside(low: str) -> Guess:
    """What only those who work on the product can notice."""
    if _RELEASE.search(low):
        return _HIDDEN, "release"
    if _DEPENDENCY.search(low):
        return _HIDDEN, "deps"
    if _DOCS.search(low):
        return _HIDDEN, "docs"
    if _TESTS.search(low):
        return _HIDDEN, "test"
    if _TOOLS.search(low):
        return _HIDDEN, "ci"
    if _INNER.search(low):
        return _HIDDEN, "refactor"
    return None


def _by_verb(low: str) -> Guess:
    if _WASTE.search(low):
        return Heading.IMPROVEMENTS, "improve"
    if _NEVER.search(low):
        return Heading.FIXES, "fix"
    if _COMPARED.search(low) or _LOOKS.search(low):
        return Heading.IMPROVEMENTS, "improve"
    first = low.split(" ", 1)[0].strip(",.;:!")
    kind = _VERBS.get(first, "")
    if kind == "fix":
        return Heading.FIXES, "fix"
    if kind == "feat":
        return None if _NO_FEATURE.search(low) else (Heading.FEATURES, "feat")
    if kind == "improve":
        return None if low.startswith(("show that", "display that")) else (Heading.IMPROVEMENTS, "improve")
    if kind == "odd":
        return (Heading.FIXES, "fix") if " instead of " in low else None
    if (first == "new" and " " in low) or _LET.search(low):
        return Heading.FEATURES, "feat"
    symptom = _SYMPTOM.search(low)  # of the main clause: "when it fails" is a condition and no fault
    return (Heading.FIXES, "fix") if symptom and not _SIDE.search(low, 0, symptom.start()) else None
