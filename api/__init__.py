"""HTTP: paths, bodies and answers. It decides nothing about orders, nurses or visits."""
