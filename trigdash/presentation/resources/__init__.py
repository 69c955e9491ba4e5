"""One module for each resource, with a `RESOURCE` in it."""
