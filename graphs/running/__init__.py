"""A run from its question to its end: the runner, its desk and doors, what it spends."""
