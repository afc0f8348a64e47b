"""The demo: the main job on embedded parts, with no account and no configuration."""

from bot.demo.command import demo_command

__all__ = ["demo_command"]
