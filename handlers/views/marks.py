"""The eight marks, in one table; text always stands beside them, and no other emoji is used anywhere."""

from __future__ import annotations

DONE = "✅"
WAITS = "⏳"
BLOCKED = "⛔"
LOOK = "⚠️"
RUNNING = "🔵"
NOT_YET = "⚪"
HELD = "⏸️"
ROLLED_BACK = "↩️"

MEANING = {
    DONE: "done",
    WAITS: "waits for a person",
    BLOCKED: "blocked or failed",
    LOOK: "look here",
    RUNNING: "running",
    NOT_YET: "not yet",
    HELD: "on hold",
    ROLLED_BACK: "rolled back",
}

# The phase line uses text signs, each bound to its phase by a no-break space.
PAST, NOW, TO_COME = "✓", "●", "○"
