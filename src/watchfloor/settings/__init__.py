"""How Watchfloor is configured: the environment, Django's settings, the embedded database."""
