"""Many runs at once: their cards in a list, their tables in SQL."""
