"""What is measured of releases: one definition for each number, computed purely from flat rows."""
