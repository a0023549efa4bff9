"""Carries runs out: commands under a shim that outlives this process, hosts, checks; nothing here decides."""
