"""Slack's rules for what is sent to it: blocks, messages and views."""
