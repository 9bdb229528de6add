"""What crosses the wire, one module for each noun."""
