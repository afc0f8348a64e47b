"""The bot's small web server: health, metrics, and the callbacks of the providers."""
