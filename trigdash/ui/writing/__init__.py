"""From a key to an action: verbs, questions, what is typed into them, and how it ended."""
