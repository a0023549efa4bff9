"""The workspace: Web API, checks, delivery, clock, page."""
