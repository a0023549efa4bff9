"""What every test may ask for."""

pytest_plugins = ["pytester", "tests.plugins.databases", "tests.plugins.skips", "tests.torture.fixtures"]
