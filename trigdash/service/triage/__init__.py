"""What went wrong with an error group: since when, where its runs are, what tells them apart."""
