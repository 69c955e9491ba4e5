"""Dialogs: each says what will happen, to what, where, and asks once with the safe answer first."""
