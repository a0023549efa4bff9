"""A commit in a line of markup; what looks like a secret in its subject is left out."""

from __future__ import annotations

from core.domain.repository import Commit
from core.domain.secrets import redact
from handlers.views import links
from handlers.views.embargo import HIDDEN
from handlers.views.writing import Facts, date_token, said


def commit_line(facts: Facts, commit: Commit, *, dated: bool = False) -> str:
    """`• fix: wrong month, Dana, 8f3c2ab`."""
    subject = redact(commit.subject, ())[0] or HIDDEN
    when = f" {date_token(facts, commit.at)}" if dated else ""
    return f"• {said(subject, 120)}, {said(commit.author, 40)}{when}, {links.commit(facts, commit.sha)}"
