"""The hosts that run the product's services: Render, Vercel, and any other one behind the hook's small protocol."""

from bot.integrations.hosts.hook import HookHost
from bot.integrations.hosts.render import Render
from bot.integrations.hosts.vercel import Vercel, VercelSettings

__all__ = ["HookHost", "Render", "Vercel", "VercelSettings"]
