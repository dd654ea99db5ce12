"""The page on which a person hands in what a run waits for."""
