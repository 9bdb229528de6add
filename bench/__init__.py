"""Benchmarks: each is one command that shows its figures, and keeps them unless it is quick.

`python -m bench` runs them all. None is imported by anything but another benchmark or its test.
"""
