"""Writes ``docs/messages*.md``: every kind of message as its reader gets it, from fixed examples, through the very code
that words and draws them."""
