"""GitHub as the forge: pull requests, checks, milestones and releases of one repository, through gidgethub."""

from bot.integrations.github.forge import GitHub
from bot.integrations.github.settings import GitHubSettings
from bot.integrations.github.standing import Probe, Standing

__all__ = ["GitHub", "GitHubSettings", "Probe", "Standing"]
