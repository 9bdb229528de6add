"""Owns the day plan: who visits whom, in which order and when. Arithmetic over flat arrays."""
