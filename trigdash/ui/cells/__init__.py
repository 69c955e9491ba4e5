"""Cells: pure functions from a model and `now` to styled text."""

from trigdash.ui.cells.cell import EMPTY, Cell, Piece, cell_text, cell_width, cut_cell, cut_text

__all__ = ["EMPTY", "Cell", "Piece", "cell_text", "cell_width", "cut_cell", "cut_text"]
