"""What people see: each view is made from plain facts alone."""
