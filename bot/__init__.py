"""How it runs: settings, wiring, web server, loops, integrations."""
