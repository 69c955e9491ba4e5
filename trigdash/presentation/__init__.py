"""What the lists and their actions are, declared once for both faces: no Textual, no Rich."""
