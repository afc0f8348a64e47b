"""Discord: messages and threads over HTTP, buttons over the gateway."""
