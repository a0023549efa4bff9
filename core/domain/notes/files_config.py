"""Configuration in a difference: environment variables that code reads, samples, compose files, settings and "
"defaults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.domain.notes.model import Finding, Gap
from core.domain.secrets import redact

Texts = Mapping[str, str]
LONGEST_VALUE = 60
_ALIKE = 0.75
_UNCLEAR = "?"

_CODE = re.compile(r"\.(?:py|js|jsx|ts|tsx|mjs|cjs|go|rb|java|kt|php|rs)$")
_SAMPLE = re.compile(r"(?:^|/)(?:\.env|env|dotenv)[._-](?:example|sample|template|dist|defaults?)$|(?:^|"
                     r"/)(?:example|sample)\.env$")
_COMPOSE = re.compile(r"(?:^|/)(?:docker-)?compose[^/]{0,60}\.ya?ml$|(?:^|/)values[^/]{0,60}\.ya?ml$|(?:^|"
                      r"/)render\.ya?ml$")
_SETTINGS = re.compile(r"(?:^|/)(?:settings|config|defaults?)[^/]{0,40}\.(?:toml|ini|cfg|properties)$")

_READ = re.compile(
    r"(?:\benviron(?:\.get|\.pop|\.setdefault)?\s?[\[(]|\bgetenv\(|\bGetenv\(|\bLookupEnv\(|"
    r"\bENV(?:\.fetch)?[\[(]|\benv::var\(|"
    r"\benv(?:\.(?:str|bool|int|float|list|url|db|json|path|get))?\(|\bconfig\(|\bprocess\.env\[)"
    r"\s{0,3}[\"']([A-Z][A-Z0-9_]{1,80})[\"'](?:\]?\s{0,3}(?:,|\|\||\?\?)\s{0,3}(?:default\s?=\s?)?([^\n]{1,120}))?"
    r"|\b(?:process|import\.meta)\.env\.([A-Z][A-Z0-9_]{1,80})\b(?:\s{0,3}(?:\|\||\?\?)\s{0,3}([^\n]{1,120}))?"
)
_SIGNS = {"env": ("env", "Env(", "ENV"), "config(": ("config(",)}  # one is in each line that reads a variable
_BASE = re.compile(r"^class \w{1,100}\([^)\n]{0,200}\bBaseSettings\b[^)\n]{0,200}\):[^\n]{0,100}$", re.MULTILINE)
_PREFIX = re.compile(r"env_prefix\s{0,3}=\s{0,3}[\"'](\w{0,40})[\"']")
_FIELD = re.compile(
    r"^    ([a-z]\w{0,80})[ ]{0,3}:[ ]{0,3}([^=\n#]{1,200}?)(?:[ ]{0,3}=[ ]{0,3}([^\n]{1,300}))?$", re.MULTILINE
)
_NEXT = re.compile(r"^\S", re.MULTILINE)
_SET = re.compile(r"^[ \t]{0,20}(?:export )?#?[ ]?([A-Z][A-Z0-9_]{1,80})=([^\n]{0,200})$", re.MULTILINE)
_LISTED = re.compile(
    r"^[ ]{2,40}(?:- [\"']?([A-Z][A-Z0-9_]{1,80})=([^\n\"']{0,200})|(?:- )?([A-Z][A-Z0-9_]{1,80}):[ ]([^\n]{0,200})|"
    r"- (?:name|key):[ ]([A-Z][A-Z0-9_]{1,80})\n[ ]{2,40}value:[ ]([^\n]{0,200}))",
    re.MULTILINE,
)
_SECTION = re.compile(r"^\[{1,2}([\w. \"-]{1,100})\]{1,2}[ \t]{0,3}$|^([\w.-]{1,80})[ \t]{0,20}[=:][ "
                      r"\t]{0,5}([^\n]{0,200})$", re.MULTILINE)
_LITERAL = re.compile(r"(\"[^\"\n]{0,100}\"|'[^'\n]{0,100}'|-?[\d_]{1,20}(?:\.\d{1,10})?|True|False|None|true|"
                      r"false|null)")
_SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSW|KEY|CREDENTIAL|DSN|PRIVATE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Read:
    """Where a variable or setting stands, and its default as written ("" = none, or none that can be told)."""

    path: str
    default: str


def wanted(path: str) -> bool:
    return bool(_CODE.search(path) or _SAMPLE.search(path) or _COMPOSE.search(path) or _SETTINGS.search(path))


def find(before: Texts, after: Texts) -> tuple[list[Finding], list[Gap]]:
    """Findings, and a gap for each new variable that the samples of the same difference do not name."""
    old, new = _variables(before), _variables(after)
    gone = {n: old[n] for n in old if n not in new}
    come = {n: new[n] for n in new if n not in old}
    found = []
    for was, now in _renamed(gone, come):
        path = come.pop(now).path
        del gone[was]
        found.append(Finding("config", path, f"Environment variable `{was}` is now `{now}`", removed=True))
    for name, read in gone.items():
        found.append(Finding("config", read.path, f"Environment variable `{name}` is not read any more", removed=True))
    for name, read in come.items():
        found.append(Finding("config", read.path, f"New environment variable `{name}`{_default(name, read.default)}"))
    found += [f for n in new if n in old for f in _changed(n, old[n], new[n], "environment variable ")]
    found += _settings(before, after)
    return found, list(_unsampled(come, after))


def _default(name: str, value: str) -> str:
    shown = _shown(name, value)
    return f" (default: {shown})" if shown else ""


def _shown(name: str, value: str) -> str:
    """A default that may be read by everybody, else nothing."""
    plain = value.strip().strip("\"'").replace("`", "")
    if value in (_UNCLEAR, "None", "null", "undefined") or not plain or len(plain) > LONGEST_VALUE:
        return ""
    if _SECRET_NAME.search(name) or not plain.isprintable():
        return ""
    return "" if redact(plain)[1] else plain


def _changed(name: str, was: Read, now: Read, kind: str) -> Iterator[Finding]:
    if was.default == now.default or not (was.default and now.default) or _UNCLEAR in (was.default, now.default):
        return
    a, b = _shown(name, was.default), _shown(name, now.default)
    told = f" from {a} to {b}" if a and b and a != b else ""
    if a != b or not a:
        yield Finding("config", now.path, f"Default of {kind}`{name}` changed{told}")


def _renamed(gone: Mapping[str, Read], come: Mapping[str, Read]) -> list[tuple[str, str]]:
    """Pairs that are alone in their file, on both sides, and alike."""
    pairs = []
    for path in {r.path for r in gone.values()}:
        here = [n for n, r in gone.items() if r.path == path]
        new = [n for n, r in come.items() if r.path == path]
        if len(here) == len(new) == 1 and SequenceMatcher(None, here[0], new[0]).ratio() >= _ALIKE:
            pairs.append((here[0], new[0]))
    return sorted(pairs)


def _unsampled(come: Mapping[str, Read], after: Texts) -> Iterable[Gap]:
    samples = [text for path, text in after.items() if _SAMPLE.search(path.lower())]
    if samples:
        named = {m[1] for text in samples for m in _SET.finditer(text)}
        for name, read in come.items():
            if name not in named and _CODE.search(read.path.lower()):
                yield Gap("not_in_sample", "", {"name": name, "path": read.path})


def _variables(texts: Texts) -> dict[str, Read]:
    """Every environment variable in the texts; code says more about a default than a sample does."""
    found: dict[str, Read] = {}
    for path in sorted(texts, key=lambda p: (not _CODE.search(p.lower()), p)):
        for name, default in _of_file(path.lower(), texts[path]):
            known = found.setdefault(name, Read(path, default))
            if default and known.default != default:  # two places that differ tell no default
                found[name] = Read(known.path, default if not known.default else _UNCLEAR)
    return found


def _of_file(path: str, text: str) -> Iterator[tuple[str, str]]:
    if _CODE.search(path):
        for at in _lines_with_signs(text):
            for m in _READ.finditer(at):
                yield m[1] or m[3], _literal(m[2] or m[4] or "")
        if "BaseSettings" in text:
            yield from _of_pydantic(text)
    elif _SAMPLE.search(path):
        yield from ((m[1], m[2].strip()) for m in _SET.finditer(text))
    elif _COMPOSE.search(path):
        for m in _LISTED.finditer(text):
            yield m[1] or m[3] or m[5], (m[2] or m[4] or m[6] or "").strip()


def _lines_with_signs(text: str) -> list[str]:
    """The lines that may read a variable, each with the next one where a call goes on there.

    Few lines do, and to look for a sign is much quicker than to try the pattern everywhere.
    """
    found: dict[int, str] = {}
    low = text.lower()
    for sign in [one for plain, signs in _SIGNS.items() if plain in low for one in signs]:
        at = text.find(sign)
        while at >= 0:
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            end = len(text) if end < 0 else end
            if text[start:end].rstrip().endswith(("(", "[", ",")):
                end = text.find("\n", end + 1) % (len(text) + 1)
            found[max(start, at - 200)] = text[max(start, at - 200) : min(end, at + 400)]
            at = text.find(sign, min(end, at + 200))
    return [found[start] for start in sorted(found)]


def _of_pydantic(text: str) -> Iterator[tuple[str, str]]:
    for found in _BASE.finditer(text):
        end = _NEXT.search(text, found.end() + 1)
        body = text[found.end() : end.start() if end else len(text)]
        prefix = _PREFIX.search(body)
        for field in _FIELD.finditer(body):
            if field[1] != "model_config":
                yield ((prefix[1] if prefix else "") + field[1]).upper(), _literal(field[3] or "")


def _literal(text: str) -> str:
    found = _LITERAL.match(text.strip().removeprefix("Field(").removeprefix("default="))
    return found[1] if found else ""


def _settings(before: Texts, after: Texts) -> list[Finding]:
    """Keys of settings files that are new, gone or have another value."""
    found = []
    for path in sorted({*before, *after}):
        if not _SETTINGS.search(path.lower()) or path not in before or path not in after:
            continue
        old, new = _keys(path, before[path]), _keys(path, after[path])
        found += [Finding("config", path, f"Setting `{k}` is gone", removed=True) for k in old if k not in new]
        for key, read in new.items():
            if key in old:
                found += _changed(key, old[key], read, "setting ")
            else:
                found.append(Finding("config", path, f"New setting `{key}`{_default(key, read.default)}"))
    return found


def _keys(path: str, text: str) -> dict[str, Read]:
    found, section = {}, ""
    for m in _SECTION.finditer(text):
        if m[1]:
            section = m[1].strip() + "."
        elif m[2] != "version":
            found[section + m[2]] = Read(path, m[3].strip())
    return found
