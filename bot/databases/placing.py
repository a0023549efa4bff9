"""Puts a database's address, what drives its kind and whoever runs its commands together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.databases.address import SCRATCH, VARIABLE, Address, address_of
from bot.databases.engine import Engine
from bot.databases.process import Runner, Say
from bot.databases.work import Place
from bot.hidden import hidden_values
from core.domain.policy_pipeline import Database


def place_of(
    rules: Database, variables: Mapping[str, str], say: Say, *, environment: str, checkout: Path
) -> Place:
    """Put the parts together. Raises DatabaseFault for a missing or wrong address."""
    address = address_of(variables.get(VARIABLE, ""), rules.kind)
    other = address_of(variables[SCRATCH], rules.kind, SCRATCH) if variables.get(SCRATCH) else None
    secrets = (*address.secrets, *(other.secrets if other else ()))
    runner = Runner(say, secrets, tuple(hidden_values(variables)), variables)
    engine = _engine(rules, address, runner, checkout, other)
    return Place(environment, address, rules, engine, runner, checkout, variables)


def _engine(rules: Database, address: Address, runner: Runner, checkout: Path, scratch: Address | None) -> Engine:
    """What drives this kind; only that one is loaded, because a person waits for the first line."""
    if rules.kind == "postgresql":
        from bot.databases.postgresql import Postgresql

        return Postgresql(address, runner, scratch, runner.environment)
    if rules.kind == "sqlite":
        from bot.databases.sqlite import Sqlite

        return Sqlite(address)
    from bot.databases.by_commands import ByCommands

    return ByCommands(address, rules, runner, checkout, scratch, runner.environment)
