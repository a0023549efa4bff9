"""The retrospective of a release: when it is held, what people say, what the record proves, what they resolve to do."""
