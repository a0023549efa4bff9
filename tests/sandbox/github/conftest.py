"""The seeded product once, to be copied: quicker than making it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sandbox.product.remote import Product
from sandbox.product.seed import SeededProduct, seed


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seed(tmp_path_factory.mktemp("seeded") / "remote.git").remote


@pytest.fixture
def seeded(template: Path, tmp_path: Path) -> SeededProduct:
    return SeededProduct(Product(Path(shutil.copytree(template, tmp_path / "remote.git"))))
