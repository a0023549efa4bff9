"""GitHub on this machine, as far as a release needs it: strict, with a real bare repository behind it."""
