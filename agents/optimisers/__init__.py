"""Optimisers: what to measure next, learnt from what was measured."""
