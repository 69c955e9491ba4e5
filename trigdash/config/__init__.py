"""What the user has set: options, the settings file, profiles, and what was chosen on screen."""
