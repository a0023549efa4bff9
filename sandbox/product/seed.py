"""Make the product's remote: a bare repository with its whole history, in a fraction of a second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.product.pulls import MERGED, OPEN, Pull
from sandbox.product.remote import Product
from sandbox.product.story import told


@dataclass(frozen=True, slots=True)
class SeededProduct:
    """The fresh remote, and what a reader of its history should find there."""

    product: Product
    production: str = "v1.2.2"
    merged: tuple[Pull, ...] = MERGED
    open: tuple[Pull, ...] = OPEN

    @property
    def remote(self) -> Path:
        return self.product.path


def empty(remote_path: Path) -> Product:
    """A bare repository without a commit; git is kept from tidying up behind our back."""
    if remote_path.exists() and any(remote_path.iterdir()):
        raise FileExistsError(f"{remote_path} is not empty")
    remote_path.mkdir(parents=True, exist_ok=True)
    product = Product(remote_path)
    product.git("init", "--quiet", "--bare", "--template=", "--initial-branch=main")
    for name, value in (("gc.auto", "0"), ("receive.autogc", "false"), ("receive.denyDeletes", "false")):
        product.git("config", name, value)
    return product


def seed(remote_path: Path) -> SeededProduct:
    """The same history, SHA for SHA, on every machine."""
    product = empty(remote_path)
    product.git("fast-import", "--quiet", "--done", stdin=told().bytes())
    return SeededProduct(product)
