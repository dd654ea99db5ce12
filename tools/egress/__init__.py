"""The way out: one gateway, what it may reach, at what pace, with which keys."""
