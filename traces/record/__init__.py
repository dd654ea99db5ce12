"""The record itself: events in a chain, their payloads, the seal, and how it is read back."""
