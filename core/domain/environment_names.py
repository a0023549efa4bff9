"""The four environments of a product by name, written once: policy, locks, pipelines and flags speak of the same."""

from __future__ import annotations

from typing import Literal, get_args

EnvName = Literal["development", "integration", "staging", "production"]
ON_THE_WAY: tuple[EnvName, ...] = get_args(EnvName)  # in the order in which a change comes to them
