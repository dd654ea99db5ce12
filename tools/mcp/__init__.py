"""Tools of other people's servers, reached by the Model Context Protocol.

A server is named with the tools that are wanted of it, each pinned by the digest of its definition.
Its words are untrusted: names, descriptions, schemas and results are cut to what is safe to show,
to check and to keep, and every result is marked as a third party's. Needs the extra `mcp`; nothing
here imports it before a server is reached.
"""
