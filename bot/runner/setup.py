"""Puts the runner of one process together from its settings."""

from __future__ import annotations

import os
from collections.abc import Mapping

from bot.runner.checkout import Checkouts
from bot.runner.commands import Workshop, machine_of
from bot.runner.families import families_of
from bot.runner.loop import Runner
from bot.settings import Settings
from core.ports import ServiceHost
from core.usecases.context import Context


def runner_of(ctx: Context, settings: Settings, hosts: Mapping[str, ServiceHost]) -> Runner:
    """Nothing is started. Needs the data directory to be there."""
    data = settings.data_dir
    machine = machine_of(data)
    checkouts = Checkouts(data / "checkouts", ctx.repository)
    ours = frozenset(type(settings).model_fields)
    workshop = Workshop(data / "runs", machine, checkouts, dict(os.environ), ours, settings.secrets)
    return Runner(ctx, families_of(ctx, workshop, data / "backups", hosts), machine)
