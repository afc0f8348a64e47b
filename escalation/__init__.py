"""Decides who must be woken, and when. Pure: no I/O, no clock, no randomness."""
