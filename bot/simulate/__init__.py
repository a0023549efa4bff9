"""A simulated product and team: what would happen under a policy, in seconds instead of weeks."""

from bot.simulate.recording import Sent
from bot.simulate.world import World, world

__all__ = ["Sent", "World", "world"]
