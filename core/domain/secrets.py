"""Taking out what nobody outside may read: tokens, keys, passwords in addresses, e-mails, names of internal hosts.

Every pattern begins where a word begins and is bounded, so the time grows with the length and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

REMOVED = "[removed]"
INTERNAL = ("*.internal", "*.corp", "*.lan", "*.intranet")

_SIGNS = ("@", "=", "://", "-----")
_OF_LETTERS = ("AKIA", "ASIA")  # a key that may have no digit in it
_DOTTED = re.compile(r"\w\.\w")
_CALLED = ("pass", "pwd", "secret", "token", "key", "credential")
_SHORTEST = 12  # letters of a token that has no such sign in it or beside it
_KEY = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL)
_TOKEN = re.compile(
    r"(?<![\w-])(?:gh[pousr]_\w{16,255}|github_pat_\w{16,255}|glpat-[\w-]{16,255}|xox[a-z]-[\w-]{8,255}|xapp-[\w-]{8,255}"
    r"|[rs]k_(?:live|test)_\w{8,255}|sk-[\w-]{20,255}|(?:AKIA|ASIA)[0-9A-Z]{12,40}|AIza[\w-]{30,100}|npm_\w{20,100}"
    r"|pypi-[\w-]{20,255}|hf_\w{20,100}|whsec_\w{8,255}|shp(?:at|ss)_\w{16,100}|dop_v1_\w{20,100}|ya29\.[\w-]{16,255}"
    r"|eyJ[\w-]{8,1000}\.[\w-]{8,2000}(?:\.[\w-]{0,1000})?|SG\.[\w-]{16,100}\.[\w-]{16,100})"
)
_HOOK = re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{8,200}")
_LOGIN = re.compile(r"(?<![\w+.-])([A-Za-z][A-Za-z0-9+.-]{1,20}://)[^\s/@:]{0,100}:[^\s/@]{1,200}@")
_NAMED = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret|"
    r"credentials?)"
)
_ASSIGNED = re.compile(
    rf"(?<![\w-])([\w-]{{0,40}}{_NAMED}[\w-]{{0,20}}[\"']?\s{{0,3}}(?:=|:=|:(?=\s{{0,3}}[\"']?\S{{0,60}}\d))\s{{0,3}}[\"']?)"
    r"(?!\[removed\]|none\b|null\b|true\b|false\b|changeme\b|\$\{|<)([^\s\"',;`)]{4,300})",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?<![\w-])((?i:authorization)[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?i:bearer|basic|token)\s{1,3})"
    r"(?=[\w.~+/-]{0,200}[\dA-Z=])[\w.~+/-]{6,2000}={0,2}"
)
_BEARER = re.compile(r"(?<![\w-])((?i:bearer)\s{1,3})(?=[\w.~+/-]{0,200}\d)[\w.~+/-]{16,2000}={0,2}")
_IN_LINK = re.compile(
    rf"([?&;#](?:[\w.%-]{{0,40}}(?:{_NAMED}|signature)[\w.%-]{{0,20}}|sig)=)[^&#;]{{1,2000}}", re.IGNORECASE
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w-])")
_ADDRESS = re.compile(
    r"(?<![\w.])(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}(?::\d{1,5})?(?![\w.]\d|\w)"
)
_HOST = re.compile(r"(?<![\w.-])[A-Za-z0-9_][\w-]{0,62}(?:\.[\w-]{1,63}){1,8}(?::\d{1,5})?")
_LONG = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{40,400}={0,2}(?![\w+/=-])")

_INSTEAD = (  # a pattern, what to say instead; a sign and a word this long without which it cannot match
    (_KEY, REMOVED, re.compile("-----BEGIN "), 0),
    (_TOKEN, REMOVED, re.compile("[_.-]|A(?:KIA|SIA|Iza)"), 13),
    (_HOOK, REMOVED, re.compile("hooks.slack.com/"), 0),
    (_LOGIN, rf"\1{REMOVED}@", re.compile("://"), 0),
    (_ASSIGNED, rf"\1{REMOVED}", re.compile("[:=]"), 0),
    (_HEADER, rf"\1{REMOVED}", re.compile("[Aa]uthor|AUTHOR"), 0),
    (_BEARER, rf"\1{REMOVED}", re.compile("[Bb]earer|BEARER"), 16),
    (_MAIL, REMOVED, re.compile("@"), 0),
    (_ADDRESS, REMOVED, re.compile("[.]"), 0),
)
_LONGEST_PLAIN = 39  # letters of a word that is too short to look drawn by lot


def redact(text: str, hosts: Sequence[str] = ()) -> tuple[str, int]:
    """The text with each secret replaced, and how many were. `hosts` are patterns of names, with * as in file names."""
    if not _may_hold(text):
        return text, 0
    count, longest = 0, max(map(len, text.split()))  # what is put in its place makes no word longer that can match
    for pattern, instead, sign, shortest in _INSTEAD:
        if longest >= shortest and sign.search(text):
            text, found = pattern.subn(instead, text)
            count += found
    spans = []
    if "." in text:
        all_hosts = (*INTERNAL, *hosts)
        spans = [m.span() for m in _HOST.finditer(text) if _internal(m[0], all_hosts)]
    if longest > _LONGEST_PLAIN:
        spans += [m.span() for m in _LONG.finditer(text) if _random(m[0])]
    return (_without(text, spans), count + len(spans)) if spans else (text, count)


def redact_link(url: str) -> str:
    """An address without the tokens in it and without the values of what is called a secret; hosts and ids stay."""
    for pattern in (_TOKEN, _HOOK):
        url = pattern.sub(REMOVED, url)
    return _IN_LINK.sub(rf"\1{REMOVED}", url)


def _may_hold(text: str) -> bool:
    """Whether it is worth a closer look: most titles are plain words, and there are many of them."""
    if _OF_LETTERS[0] in text or _OF_LETTERS[1] in text:
        return True
    if text.replace(" ", "").isalpha():
        return False
    for sign in _SIGNS:
        if sign in text:
            return True
    if "." in text and _DOTTED.search(text):
        return True
    if ":" in text:
        low = text.lower()
        if any(name in low for name in _CALLED):
            return True
    words = text.split()
    longest = max(map(len, words), default=0)
    return longest >= _SHORTEST and any(len(word) >= _SHORTEST and not word.isalpha() for word in words)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with something else in these places; they may overlap."""
    parts, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            parts += [text[at : max(at, start)], REMOVED if start >= at else ""]
            at = end
    return "".join(parts) + text[at:]


def _internal(name: str, patterns: Sequence[str]) -> bool:
    host = name.partition(":")[0].rstrip(".").casefold()
    return any(fnmatchcase(host, p.casefold()) for p in patterns)


def _random(text: str) -> bool:
    """Whether a long word looks drawn by lot: small and large letters and digits, unlike a path or a commit."""
    digits = sum(c.isdigit() for c in text)
    return digits >= 5 and sum(c.isupper() for c in text) >= 5 and sum(c.islower() for c in text) >= 5
