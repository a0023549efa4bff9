"""Forms: anything that needs words or several answers."""
