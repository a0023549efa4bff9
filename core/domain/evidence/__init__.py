"""Evidence: results that machines and people report for one commit, how they are read, and what they add up to."""
