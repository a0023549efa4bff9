"""The package of evidence: what an auditor is given of one release, or of all changes in a period."""
