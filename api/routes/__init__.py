"""One module for each noun: path, body, answer, nothing else."""
