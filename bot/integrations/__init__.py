"""One module per vendor, the same shape each; none knows another."""
