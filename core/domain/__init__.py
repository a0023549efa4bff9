"""Pure rules: no clock, no I/O, no SQL, no Slack."""
