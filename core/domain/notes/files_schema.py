"""Names that others rely on in GraphQL and protobuf files, and how two states of a file differ in them."""

from __future__ import annotations

import re

from core.domain.notes.model import Finding

Names = dict[str, str]  # "type Lease" or "field Lease.rent" -> how it is declared

_COMMENT = re.compile(r'"""(?:[^"]|"(?!"")){0,20000}"""|#[^\n]{0,2000}|//[^\n]{0,2000}|/\*(?:[^*]|\*(?!/)){0,20000}\*/')
_BLOCK = re.compile(
    r"\b(extend\s{1,5})?(type|interface|input|enum|union|scalar|message|"
    r"service)\s{1,5}(\w{1,100})([^{}=\n]{0,300})([{=]|$)",
    re.MULTILINE,
)
_FIELD = re.compile(
    r"^[ \t]{0,40}(\w{1,100})\s{0,3}(?:\(([^()]{0,2000})\))?\s{0,3}:\s{0,3}([\w!\[\]]{1,100})", re.MULTILINE
)
_VALUE = re.compile(r"^\s{0,40}([A-Za-z_]\w{0,100})\b", re.MULTILINE)
_RPC = re.compile(r"\brpc\s{1,5}(\w{1,100})\s{0,3}\(([^()]{0,300})\)\s{0,3}returns\s{0,3}\(([^()]{0,300})\)")
_NUMBERED = re.compile(
    r"^\s{0,40}(?:(?:optional|required|repeated)\s{1,5})?([\w.<>, "
    r"]{1,200}?)?\s{0,5}\b(\w{1,100})\s{0,3}=\s{0,3}(\d{1,9})\b",
    re.MULTILINE,
)
_BRACE = re.compile(r"[{}]")
_DEEPEST = 3


def compared(path: str, before: Names, after: Names) -> list[Finding]:
    """What is gone, other and new; of something that is gone or new as a whole, its parts are not named."""
    found = []
    for name, how in before.items():
        if name not in after:
            if not _inside(name, after, before):
                found.append(Finding("api", path, f"Removed {_told(name)}", removed=True))
        elif after[name] != how:
            found += _changed(path, name, how, after[name])
    found += [
        Finding("api", path, f"Added {_told(name)}") for name in after
        if name not in before and not _inside(name, before, after)
    ]  # fmt: skip
    return found


def _changed(path: str, name: str, before: str, after: str) -> list[Finding]:
    if not name.startswith("function "):
        return [Finding("api", path, f"Changed {_told(name)} from `{before}` to `{after}`", removed=True)]
    more = [n for n in after.split(", ") if n and n not in before.split(", ")]
    return [Finding("api", path, f"F{_told(name)[1:]} now needs `{n}`", removed=True) for n in more]


def _inside(name: str, there: Names, here: Names) -> bool:
    """Whether a part belongs to a whole that is only on this side."""
    owner = name.partition(" ")[2].rpartition(".")[0]
    wholes = [n for n in (f"type {owner}", f"service {owner}", f"class {owner}") if n in here]
    return bool(owner) and any(w not in there for w in wholes)


def _told(name: str) -> str:
    kind, _, rest = name.partition(" ")
    return f"{kind} `{rest}`"


def graphql(path: str, text: str) -> Names:
    """Types, their fields with type and arguments, and values of enumerations."""
    names: Names = {}
    for kind, name, body in _blocks(text):
        names.setdefault(f"type {name}", "")
        if kind == "enum":
            names |= {f"value {name}.{m[1]}": "" for m in _VALUE.finditer(body)}
        elif kind in ("type", "interface", "input"):
            for m in _FIELD.finditer(body):
                arguments = " ".join((m[2] or "").split())
                names[f"field {name}.{m[1]}"] = (f"({arguments}) " if arguments else "") + m[3]
    return names


def proto(path: str, text: str) -> Names:
    """Messages with their numbered fields, enumerations, services with their calls."""
    names: Names = {}
    for kind, name, body in _blocks(text):
        if kind == "service":
            names[f"service {name}"] = ""
            names |= {f"call {name}.{m[1]}": f"{m[2].strip()} -> {m[3].strip()}" for m in _RPC.finditer(body)}
        elif kind in ("message", "enum"):
            names[f"type {name}"] = ""
            for m in _NUMBERED.finditer(body):
                names[f"field {name}.{m[2]}"] = f"{' '.join((m[1] or '').split())} = {m[3]}".strip()
    return names


def _blocks(text: str) -> list[tuple[str, str, str]]:
    """Each declared kind with its name and what stands between its braces (or after the sign, to the end of the line).

    Blocks that lie deeper than `_DEEPEST` are read as part of those around them.
    """
    plain = _COMMENT.sub(" ", text)
    closing = _closing(plain)
    found = []
    for match in _BLOCK.finditer(plain):
        if match[5] != "{":
            end = plain.find("\n", match.end()) % (len(plain) + 1)
        else:
            end = closing.get(match.end() - 1, -1)
        if end >= 0:
            found.append((match[2], match[3], plain[match.end() : end]))
    return found


def _closing(text: str) -> dict[int, int]:
    """Where each brace closes, for those that do not lie too deep; one that never does closes with the text."""
    found: dict[int, int] = {}
    open_: list[int] = []
    for match in _BRACE.finditer(text):
        if match[0] == "{":
            open_.append(match.start())
            if len(open_) <= _DEEPEST:
                found[match.start()] = len(text)
        elif open_ and (start := open_.pop()) in found:
            found[start] = match.start()
    return found
