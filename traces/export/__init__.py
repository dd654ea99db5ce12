"""A run in the formats of others: a module each, nothing of which the record needs."""
