"""Evidence: results that machines and people report for one commit, and how bodies from strangers are read."""
