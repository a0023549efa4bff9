"""One file per verb; everything returns through advance."""
