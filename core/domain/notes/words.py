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
    "feat": "add allow support implement introduce enable create let send export import track generate integrate provide "
    "offer launch attach publish invite permit accept",
    "improve": "improve enhance optimize optimise reduce simplify polish refine streamline clarify remember accelerate "
    "increase decrease lower shorten revise rework redesign restyle tweak modernize modernise show display highlight "
    "sort shrink raise ease extend expand beautify",
    "odd": "refactor rename reformat bump upgrade update clean cleanup remove delete drop extract split inline revert test "
    "document move make use keep set change replace switch return stop bring speed tidy merge release",
}
_SHORT = {"send", "let", "show", "set", "split", "keep", "make", "bring", "speed"}
_PAST = {"sent": "send", "let": "let", "showed": "show", "made": "make", "kept": "keep", "brought": "bring",
         "sped": "speed", "split": "split", "set": "set"}  # fmt: skip
_DOUBLED = {"stop", "drop", "bump", "let", "set", "split"} - {"bump"}


def _forms(verb: str) -> set[str]:
    """A verb as subjects have it: fix, fixes, fixed, fixing."""
    last = verb + verb[-1] if verb in _DOUBLED else verb
    if verb.endswith("e"):
        return {verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"}
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return {verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"}
    plural = f"{verb}es" if verb.endswith(("s", "x", "sh", "ch")) else f"{verb}s"
    past = set() if verb in _SHORT else {f"{last}ed"}
    return {verb, plural, f"{last}ing", *past}


_VERBS = {form: (kind, verb) for kind, verbs in _BASE.items() for verb in verbs.split() for form in _forms(verb)}
_VERBS |= {form: (_VERBS[verb][0], verb) for form, verb in _PAST.items()}

# Only ever read by a person: see the module's first words.
_DELICATE = re.compile(
    r"\b(?:cve-?\d|xss|csrf|ssrf|xxe|rce|dos\b|ddos|vulnerab|exploit|injection|securi|insecure|malicious|encrypt|decrypt"
    r"|cipher|sanitiz|sanitis|escape (?:html|user|sql|shell|input)|privilege|impersonat|brute.?force|rate.?limit|leak(?:s|ed|ing)? "
    r"(?:of )?(?:token|password|secret|personal|private|data|session|cookie|credential|user|tenant)|httponly|hsts|csp\b|cors\b"
    r"|sign(?:ature|ed) (?:check|verif)|path traversal|open redirect|unauthori[sz]ed|bypass|secret|credential|cookies?\b"
    r"|authenticat|authori[sz]|permission|\brestrict (?:access|who)|only admins?)"
)
_INTERFACE = re.compile(
    r"\b(?:endpoints?|graphql|openapi|swagger|webhooks? (?:payload|schema|event|format)|rest api|public api|api)\b|/api/|/v\d/"
    r"|\b(?:get|post|put|patch|delete) /"
)
_VARIABLE = re.compile(r"\b(?:environment variable|env var(?:iable)?)s?\b")
_NAME = re.compile(r"\b[A-Z][A-Z0-9]{1,30}_[A-Z0-9_]{1,60}\b")
_AGAIN = r"(?:(?:the|a|an|some|more|missing|basic|new|initial|old|failing|broken|flaky|flakey|slow|unit|integration|e2e|"
_AGAIN += r"end-to-end|regression|smoke|snapshot|api|python|frontend|backend|ui) ){0,4}"
_TESTS = re.compile(rf"^(?:\w{{2,12}} )?{_AGAIN}(?:tests?|specs?|test (?:suite|coverage|cases?|data|helpers?)|coverage|"
                    r"fixtures?|mocks?|testing)\b(?! (?:tenant|result|mail|message|payment|mode|user|account))")  # fmt: skip
_DOCS = re.compile(
    rf"^(?:\w{{2,12}} )?{_AGAIN}(?:readme(?:\.\w+)?|docs?|docstrings?|documentation|changelog|contributing(?: guide)?|"
    r"code comments?|comments? in|adr|runbook)\b(?! upload)"
    r"|\b(?:in|to|of|from) (?:the )?(?:readme(?:\.\w+)?|docs?|docstrings?|documentation|changelog|comments?|code comments?)$"
    r"|^(?:fix )?typos? in (?:a |the )?(?:variable|function|log|test|docstring|comment|method|class)"
)
_TOOLS = re.compile(
    r"\b(?:github actions?|gitlab ci|circleci|jenkins(?:file)?|travis|pre-commit|mypy|pyright|ruff|eslint|prettier|pylint|"
    r"flake8|isort|codecov|coveralls|dependabot|renovate|gitignore|editorconfig|makefile|dockerfile|devcontainer|tox|"
    r"type hints?|type annotations?|code ?owners|ci|linter|linting|lint|(?:ci|build|deploy(?:ment)?) pipeline|"
    r"(?:issue|pull request|pr) templates?)\b"
)
_DEPENDENCY = re.compile(
    r"^bump \S|^(?:update|upgrade|pin|unpin|refresh) (?:all |the |our |python |npm |js |dev |non-major |minor |patch |pinned )"
    r"{0,3}(?:dependenc|deps\b|requirements|lock ?file|packages?\b|package(?:-lock)?\.json|poetry\.lock|yarn\.lock|submodules?)"
    r"|^(?:update|upgrade)s? (?:to )?(?:dependency )?@?[\w./-]{1,60}(?: version)?(?: from \S{1,30})? ?(?:to )?v?\d+(?:\.[\dx]+){0,3}\b"
    r"|^lock file maintenance"
)
_RELEASE = re.compile(
    r"^(?:release|prepare|preparing|version|begin|start|back to)(?: (?:release|version|for|next|the|development|of)){0,3} v?\d+\.\d"
    r"|^v?\d+\.\d+\.\d+\S{0,20}$|^bump (?:the )?version|^merge (?:branch|remote|pull request|tag|\S{1,60} into)\b"
)
_INNER = re.compile(
    r"^refactor|^reformat|^(?:rename|move|extract|split|inline)\w{0,3} .{0,80}\b(?:module|package|class|function|helper|method|"
    r"variable|constant|component|code ?base|in the code|namespace|file)s?\b"
    r"|^(?:remov|delet|drop|clean)\w{0,4}(?: ?up)? (?:some |the |all |old |now )?(?:unused|dead|obsolete|redundant|leftover|"
    r"unneeded|unnecessary|stale|commented|debug|deprecated|feature flags?|flags|imports?|warnings|code|logging)\b"
)
_SYMPTOM = re.compile(
    r"^(?:wrong|incorrect|broken|missing|invalid|crash(?:es)?|error|empty .{1,40} (?:when|after|if)|regression)\b"
    r"|\b(?:crash(?:es)?|fails?|breaks|throws|hangs|freezes|disappears?|loses|is lost|is wrong|is broken|is missing|not working|"
    r"does ?n.t work|does not|doesn.t|isn.t|won.t|can ?not be|no longer works) ?(?:when|if|after|on|in|for|with|show|load|save)?\b"
)
_NEVER = re.compile(r"^(?:do not|don.t|never|no more|no longer|not? \w{1,20} anymore)\b|^stop \S{1,40}(?: \S{1,40}){0,6} (?:from )?\w+ing\b"
                    r"|^stop \w+ing\b|^bring back\b|^(?:make|made|makes|making) sure\b|^work(?:ed|s|ing)? around\b")  # fmt: skip
_COMPARED = re.compile(
    r"^(?:make|makes|made|making) .{1,80}?\b(?:faster|easier|clearer|smaller|quicker|simpler|safer|better|nicer|shorter|lighter|"
    r"larger|bigger|more \w{1,30}|accessible|readable|responsive|consistent|searchable|sortable|usable)\b"
    r"|^(?:faster|better|quicker|clearer|smoother|easier|nicer|smarter|leaner|simpler|larger|more readable|friendlier)\b"
    r"|^(?:speed|speeds|sped|speeding) up\b"
)
_WASTE = re.compile(r"\bn ?\+ ?1\b|\b(?:unnecessary|redundant|repeated|extra|needless|slow)\b.{0,40}\b(?:quer|request|render|call|load)")
_LOOKS = re.compile(r"^(?:updat|chang)\w{1,3} (?:the )?.{0,40}\b(?:wording|layout|design|text|texts|translations?|icons?|colou?rs?|"
                    r"styling|copy|look|labels?|font)\b")  # fmt: skip
_NO_FEATURE = re.compile(r"^\w+ (?:a |an |the |some |more |missing |extra |better |debug |basic ){0,3}(?:missing|log(?:s|ging)?\b|metrics?\b|"
                         r"index(?:es)?\b|indices|migration|helper|script\b|assert|guard|check\b|checks\b|null|validation|todo|"
                         r"feature flag|comment\b|workaround|timeout|retry|retries|constraint|copyright|licen[sc]e)")  # fmt: skip


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
    kind, _ = _VERBS.get(first, ("", ""))
    if kind == "fix":
        return Heading.FIXES, "fix"
    if kind == "feat":
        return None if _NO_FEATURE.search(low) else (Heading.FEATURES, "feat")
    if kind == "improve":
        return Heading.IMPROVEMENTS, "improve"
    if kind == "odd":
        return (Heading.FIXES, "fix") if first.startswith("return") and " instead of " in low else None
    if first == "new" and " " in low:
        return Heading.FEATURES, "feat"
    return (Heading.FIXES, "fix") if _SYMPTOM.search(low) else None
