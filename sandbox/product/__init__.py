"""A small real product with a git history."""
