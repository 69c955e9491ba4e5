"""The soak: the real program in a terminal, random keys, a hostile server."""
