"""One place for many people: sealed runs in a directory or object store, and who ran what.

A run is written on the machine that makes it; only what is sealed is shared. The record stays the
truth: the index is drawn from it and can be drawn anew. Needs the extra `store`, except for the
people and their roles.
"""
