"""Keys, commands, and what a terminal sends."""
