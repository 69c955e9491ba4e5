"""From a key to an action: verbs, prompts, and how it ended."""
