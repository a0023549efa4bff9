"""What people see: each view is made from plain facts alone."""

from handlers.views.posts import render_post

__all__ = ["render_post"]
