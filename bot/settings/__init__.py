"""Settings: ``config/*.yaml`` for all that may be shown, the environment for secrets."""

from bot.settings.build import Settings
from bot.settings.load import Loaded, load
from bot.settings.problem import Problem

__all__ = ["Loaded", "Problem", "Settings", "load"]
