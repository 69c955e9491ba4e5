"""The servers over a world: routes, credentials, limits and faults."""
