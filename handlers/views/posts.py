"""Every message that goes out by itself: a place, a moment and plain data make the same message each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.request import Message
from handlers.views import announcements, direct, thread

DRAWN = "drawn"  # the moment of what was drawn when somebody asked for it, as it stands in its data


def render_post(place: str, moment: str, data: Mapping[str, Any]) -> Message:
    """The message of an outbox row `slack.post`; made from `data` alone, so that a repeated delivery is equal."""
    if moment == DRAWN:
        return Message(str(data["text"]), list(data["blocks"]))
    if place.startswith("dm:"):
        return direct.render(place.removeprefix("dm:"), moment, data)
    if place == "thread":
        return thread.render(moment, data)
    return announcements.render(place, moment, data)
