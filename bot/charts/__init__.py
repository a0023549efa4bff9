"""Charts as PNG: the bot calls `process`, which runs `drawing` in a process of its own."""
