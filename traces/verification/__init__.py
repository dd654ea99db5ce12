"""Does a record hold: its bytes, its order, its conclusions, its claims."""
