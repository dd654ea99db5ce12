"""What others have published: the contract of a connector, what it reads, and how a run asks it."""
