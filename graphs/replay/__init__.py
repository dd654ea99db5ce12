"""What a record makes possible: strict replay, resuming, branching off, running again."""
