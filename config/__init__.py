"""What the person who runs Shangmen may change without touching code. Imports nothing of ours."""
