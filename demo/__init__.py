"""A synthetic Jinhua for demonstrations, tests and benchmarks; nothing of it exists."""
