"""The command line's face: text, JSON and CSV on standard output. No Textual."""
