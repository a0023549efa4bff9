"""A small real product with a git history: its remote, its developers, and a host that can hurt."""

from sandbox.product.faults import RemoteFaults
from sandbox.product.remote import Product
from sandbox.product.seed import SeededProduct, empty, seed

__all__ = ["Product", "RemoteFaults", "SeededProduct", "empty", "seed"]
