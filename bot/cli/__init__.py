"""The commands of `release-bot`, one module for each group of them."""

from __future__ import annotations

import typer


def make_cli() -> typer.Typer:
    """All commands under one roof."""
    from bot.cli import (
        acting,
        audit,
        by_hand,
        checking,
        evidence,
        flags,
        keeping,
        metrics,
        monitoring,
        outbox,
        planning,
        policy,
        printing,
        proving,
        serving,
        shipping,
        showing,
        simulating,
        store,
        tagging,
    )

    cli = typer.Typer(
        name="release-bot",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="A release manager that lives in Slack. Settings are environment variables.",
    )
    for group in (
        serving, checking, audit, policy, store, outbox, acting, shipping, by_hand, tagging, printing, planning,
        showing, evidence, flags, keeping, metrics, monitoring, proving, simulating,
    ):  # fmt: skip
        group.add_to(cli)
    return cli
