"""Loads the plugins that every test run of this repository uses."""

pytest_plugins = ["tests.plugins.skips", "pytester"]
