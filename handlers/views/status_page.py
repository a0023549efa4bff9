"""The status page as HTML and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.status_page import Problem, Status, Update
from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.writing import lasted, zone_name

STYLE = """
:root { color-scheme: light dark; --ink: #1d1c1d; --dim: #55595e; --paper: #fff; --soft: #f4f5f3; --rule: #dcdfd9;
  --good: #1f6f5c; --look: #8a4b00; --bad: #a3261b; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --dim: #b3b8b4; --paper: #17191a; --soft: #212425;
  --rule: #3a3f3d; --good: #6cc7ae; --look: #f0b45c; --bad: #ff9b8f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0 0 .2rem; } p { margin: .2rem 0; } ul { margin: .4rem 0 0; padding-left: 1.2rem; }
time, .dim { color: var(--dim); }
.now { border-left: .4rem solid var(--good); background: var(--soft); padding: .9rem 1.1rem; font-size: 1.1rem; }
.now.look { border-color: var(--look); } .now.bad { border-color: var(--bad); }
.now strong { color: var(--good); } .now.look strong { color: var(--look); } .now.bad strong { color: var(--bad); }
article { border-top: 1px solid var(--rule); padding: .8rem 0; }
footer { margin-top: 2.5rem; color: var(--dim); font-size: .9rem; }
"""


def page(status: Status) -> str:
    """One document without scripts, pictures or addresses of others; everything foreign is escaped."""
    title = f"{status.product}: status"
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex, nofollow">',
            f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            f"<h1>{escape(status.product)}</h1>",
            *_now(status),
            *_section("What does not work", "burning", [_problem(p, status) for p in status.burning]),
            *_live(status),
            *_section("What is coming", "coming", [_comes(u, status) for u in status.coming], _NOTHING),
            *_section("Solved lately", "solved", [_problem(p, status) for p in status.problems if p.until]),
            *_section("Last updates", "last", [_short(u, status) for u in status.last]),
            f"<footer><p>Times are {escape(zone_name(status.zone))}. This page is made anew each time it is read.</p>"
            "</footer>",
            "</main>\n</body>\n</html>\n",
        ]
    )


_NOTHING = "Nothing is announced yet."


def _now(status: Status) -> Iterator[str]:
    """One sentence that answers why somebody came here; the words say it, not the colour."""
    kind, words = "", "Everything we know of works."
    if status.updating:
        kind, words = "look", f"Version {status.updating} is going out now. For a few minutes something may be slow."
    if status.burning:
        kind, words = "bad", f"{status.burning[0].words}. We are working on it."
    yield f'<p class="now {kind}" role="status"><strong>{escape(words)}</strong></p>'


def _section(title: str, ident: str, articles: Sequence[str], nothing: str = "") -> Iterator[str]:
    if articles or nothing:
        yield f'<section aria-labelledby="{ident}">\n<h2 id="{ident}">{title}</h2>'
        yield from articles or (f"<p>{nothing}</p>",)
        yield "</section>"


def _live(status: Status) -> Iterator[str]:
    if status.live is not None:
        yield from _section("What is live", "live", [_update(status.live, status, "Since", "Live")])


def _comes(update: Update, status: Status) -> str:
    return _update(update, status, "Planned for", "The day follows")


def _update(update: Update, status: Status, word: str, undated: str) -> str:
    what = "Fix" if update.fix else "Version"
    when = f"{word} {_time(update.at, status.zone)}" if update.at else undated
    lines = "".join(f"<li>{escape(line)}</li>" for line in update.gets)
    named = (("Also better", update.better), ("Good to know", update.good_to_know))
    rest = "".join(f"<p>{name}: {escape(text)}</p>" for name, text in named if text)
    return (
        f'<article><h3>{what} {escape(update.version)}</h3><p class="dim">{when}</p>'
        f"{f'<ul>{lines}</ul>' if lines else ''}{rest}</article>"
    )


def _short(update: Update, status: Status) -> str:
    back = ", was taken back" if update.taken_back else ""
    at = f" {_time(update.at, status.zone)}" if update.at else ""
    what = "Fix" if update.fix else "Version"
    return f"<article><h3>{what} {escape(update.version)}{back}</h3><p>{at.strip()}</p></article>"


def _problem(problem: Problem, status: Status) -> str:
    over = ""
    if problem.until:
        took = lasted((problem.until - problem.since).total_seconds())
        over = f", solved {_time(problem.until, status.zone)}, after {took}"
    return (
        f"<article><h3>{escape(problem.words)}</h3>"
        f'<p class="dim">Since {_time(problem.since, status.zone)}{over}</p></article>'
    )


def _time(at: datetime, zone: str) -> str:
    here = at.astimezone(ZoneInfo(zone))
    return f'<time datetime="{at.isoformat()}">{here:%a} {here.day} {here:%b %Y}, {here:%H:%M}</time>'


def as_json(status: Status) -> dict[str, Any]:
    """The same for machines; instants are ISO-8601 UTC, null where there is none."""
    return {
        "product": status.product,
        "works": not status.burning,
        "updating": status.updating or None,
        "live": _update_json(status.live) if status.live else None,
        "coming": [_update_json(one) for one in status.coming],
        "problems": [
            {"what": one.words, "since": one.since.isoformat(), "until": one.until.isoformat() if one.until else None}
            for one in status.problems
        ],
        "last": [_update_json(one) for one in status.last],
    }


def _update_json(update: Update) -> dict[str, Any]:
    return {
        "version": update.version,
        "at": update.at.isoformat() if update.at else None,
        "fix": update.fix,
        "what_customers_get": list(update.gets),
        "also_better": update.better,
        "good_to_know": update.good_to_know,
        "taken_back": update.taken_back,
    }


# --- in Slack --------------------------------------------------------------------------------------------------------


def sent(renewed: bool) -> Message:
    """That it is in the direct messages, because the channel would read it here."""
    old = "The old address has ended. " if renewed else ""
    text = f"{old}I have sent you the address of the status page in a direct message."
    return b.message(text, b.section(text))
