"""What worlds are made from: tasks, arrivals and the events of each scenario, as data."""
