"""How records are shown to those who may see them; one module for each noun, no SQL."""
