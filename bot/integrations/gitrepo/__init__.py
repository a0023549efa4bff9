"""The product's git remote behind `core.ports.Repository`: a bare clone as a cache, plumbing, one atomic push."""

from bot.integrations.gitrepo.copies import copies_in
from bot.integrations.gitrepo.repository import GitRepository
from bot.integrations.gitrepo.settings import GitSettings

__all__ = ["GitRepository", "GitSettings", "copies_in"]
