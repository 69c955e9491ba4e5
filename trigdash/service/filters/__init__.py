"""The filter line: parsed, described, completed, matched."""
