"""Feature flags: what they are, whom they are on for, and how SDKs of other languages read them."""
