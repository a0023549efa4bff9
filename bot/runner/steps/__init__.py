"""What steps do, one file for each family."""
