"""A strict Slack-like workspace, a product and its remote, for demo and tests. Imports none of the houses."""
