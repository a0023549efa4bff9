"""What people read who follow a release: its milestones, as stakeholders read them."""

from __future__ import annotations

from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.audiences import OUTSIDE
from handlers.views.marks import DONE
from handlers.views.writing import Data, Facts, listed, said, spoken


def done(result: Data, known: Facts) -> Message:
    """What somebody follows from now on."""
    product = said((known.get("product") or {}).get("name") or "the product")
    follows = [f"v{said(v)}" if v else f"every release of {product}" for v in result.get("follows") or ()]
    line = f"{DONE} You follow {listed(follows)}." if follows else f"{DONE} You follow nothing any more."
    if follows and result["event"] == "follow":
        line += " You hear when it is planned, moved, live or taken back."
    end = b.button("Follow nothing", "unfollow", "-") if follows else b.button("Follow all releases", "follow", "-")
    return b.message(spoken(line, known), b.section(line), b.actions(end, block_id="onward"))


def followed(data: Data, facts: Facts, person: str) -> Message:
    """A milestone, word for word as stakeholders read it, and the way to hear no more of it."""
    write = OUTSIDE.get(("stakeholders", str(data.get("of"))))
    tag = said(facts.get("tag") or "")
    news = f"There is news of *{tag}*."
    shown = write(data, facts) if write else b.message(spoken(news, facts), b.section(news))
    kept = [block for block in shown.blocks if block.get("type") != "actions"]
    return b.message(shown.text, *kept, b.actions(_end(facts), block_id="do"))


def _end(facts: Facts) -> Block:
    about = f"Unfollow {facts.get('tag')}"
    return b.button("Do not follow it any more", "unfollow", ids.value(facts.get("id")), about=about)


MOMENTS = {"followed": followed}
