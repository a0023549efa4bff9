"""What a release is: pure rules, use cases, the store."""
