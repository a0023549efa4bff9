"""Small makers of HTML; every value goes in escaped, so that what people wrote is text and never markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

STYLE = """
:root {
  color-scheme: light; --ink: #1d2426; --dim: #566467; --line: #d9dedc; --soft: #f4f6f5; --accent: #1f6f5c;
  --bad: #a8321f;
}
* { box-sizing: border-box; }
body {
  margin: 0; font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; color: var(--ink);
  background: #fff;
}
main { max-width: 1040px; margin: 0 auto; padding: 32px 28px 80px; }
h1 { margin: 0 0 4px; font-size: 27px; line-height: 1.25; }
h2 { margin: 40px 0 8px; padding-top: 14px; border-top: 2px solid var(--line); font-size: 19px; }
h3 { margin: 22px 0 6px; font-size: 15.5px; }
p { margin: 6px 0; max-width: 76ch; }
.sub, .dim { color: var(--dim); }
.lead { margin: 16px 0 0; padding: 14px 18px; border-left: 4px solid var(--accent); background: var(--soft); }
.lead.bad { border-left-color: var(--bad); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 18px 0 0; padding: 0; list-style: none; }
a { color: #14617f; }
.wide { overflow-x: auto; }
table { width: 100%; margin: 8px 0; border-collapse: collapse; font-size: 13.5px; }
caption { padding: 0 0 4px; text-align: left; color: var(--dim); }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
td { overflow-wrap: break-word; }
td.when, td.short { white-space: nowrap; }
code { font: 12.5px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(150px, 22%) 1fr; gap: 4px 18px; margin: 8px 0; }
dt { color: var(--dim); } dd { margin: 0; min-width: 0; overflow-wrap: break-word; }
.bad { color: var(--bad); }
@media print {
  main { max-width: none; padding: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } nav { display: none; }
}
@media (max-width: 640px) {
  main { padding: 20px 14px 60px; } dl { grid-template-columns: 1fr; } dt { margin-top: 6px; }
}
"""


SHORT = 40  # characters of a code with its marks that is never broken


class Markup(str):
    """Text that is markup already; all else is escaped."""


def html(value: object) -> Markup:
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def joined(parts: Iterable[object], between: str = "") -> Markup:
    return Markup(between.join(html(part) for part in parts))


def code(value: object) -> Markup:
    return Markup(f"<code>{html(value)}</code>") if value else Markup("")


def when(text: object) -> Markup:
    """An instant as people read it, in UTC; the exact one is in the JSON."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return html(text or "")
    return Markup(f'<time datetime="{html(text)}">{at:%d %b %Y, %H:%M} UTC</time>')


def table(head: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> Markup:
    """A table without the columns that are empty in every row, or nothing when there are no rows."""
    found = [tuple(row) for row in rows]
    kept = [at for at in range(len(head)) if any(str(row[at] if row[at] is not None else "") for row in found)]
    if not kept:
        return Markup("")
    cells = ("".join(f"<td{_kind(row[at])}>{html(_shown(row[at]))}</td>" for at in kept) for row in found)
    body = joined(Markup(f"<tr>{row}</tr>") for row in cells)
    heads = "".join(f'<th scope="col">{html(head[at])}</th>' for at in kept)
    named = f"<caption>{html(caption)}</caption>" if caption else ""
    return Markup(f'<div class="wide"><table>{named}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>')


def _shown(cell: object) -> object:
    return "" if cell is None else cell


def _kind(cell: object) -> str:
    if not isinstance(cell, Markup):
        return ""
    if cell.startswith("<code>") and len(cell) < SHORT:
        return ' class="short"'
    return ' class="when"' if cell.startswith("<time") else ""


def facts(rows: Mapping[str, object]) -> Markup:
    """Names and values; what has no value is left out."""
    told = [f"<dt>{html(name)}</dt><dd>{html(value)}</dd>" for name, value in rows.items() if value]
    return Markup(f"<dl>{''.join(told)}</dl>")


def words(items: Iterable[Any]) -> Markup:
    """A list of lines, or nothing."""
    told = "".join(f"<li>{html(item)}</li>" for item in items)
    return Markup(f"<ul>{told}</ul>") if told else Markup("")


def section(ident: str, title: str, *parts: object, empty: str = "") -> Markup:
    body = joined(part for part in parts if part)
    told = body or Markup(f'<p class="dim">{html(empty)}</p>')
    return Markup(f'<section aria-labelledby="{ident}"><h2 id="{ident}">{html(title)}</h2>{told}</section>')


def document(title: str, head: Markup, contents: Mapping[str, str], body: Iterable[Markup]) -> str:
    """A whole page that loads nothing: it can be read anywhere and for ever."""
    links = "".join(f'<li><a href="#{ident}">{html(name)}</a></li>' for ident, name in contents.items())
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><main>{head}<nav aria-label=\"Contents\"><ul>{links}</ul></nav>\n{joined(body)}</main></body></html>\n"
    )
