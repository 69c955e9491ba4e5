"""How roles look."""
