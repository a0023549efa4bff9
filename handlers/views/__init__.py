"""Block Kit, pure functions: data in, blocks out. Every word a person reads."""
