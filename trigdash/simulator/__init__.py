"""A seeded world and its HTTP face."""
