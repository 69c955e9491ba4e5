"""One action on many runs: planned, confirmed, carried out, resumed."""
