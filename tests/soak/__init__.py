"""Twenty minutes under load with a SIGKILL every two: `make soak`. Not part of the tests."""
