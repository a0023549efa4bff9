"""Release notes: from commits, pull requests and the difference to a draft, and from draft and edits to texts."""
