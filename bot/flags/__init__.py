"""Flags served to products: OFREP and Unleash's client API, answered from memory."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from bot.flags.board import Board
from bot.flags.clients import UnleashClients
from bot.flags.ofrep import Ofrep
from core.usecases.context import Context

__all__ = ["Board", "board_of", "routes_of"]


def board_of(ctx: Context, tokens: Mapping[str, str]) -> Board:
    """What is served of the environments that somebody has a token for; of none, nothing is read."""
    return Board(ctx, tuple(sorted(set(tokens.values()))))


def routes_of(board: Board, tokens: Mapping[str, str]) -> list[web.RouteDef]:
    """The addresses; without a token nobody can be believed, so there are none."""
    return [*Ofrep(board, tokens).routes(), *UnleashClients(board, tokens).routes()] if tokens else []
