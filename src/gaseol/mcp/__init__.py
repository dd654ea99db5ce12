"""The server of the Model Context Protocol: tools, scenarios and records for other people's models.

Needs the extra `mcp`. What it gives away is decided by whoever starts it: tools run in isolated
workers within their limits, hidden answers are never served, and of the records only those of runs
that were started through it, unless the operator opens the others.
"""
