"""A year that a product has behind it, for the demo: played through the real use cases, the same each time."""
