"""The simulated project in its time: tasks, runs, queues and their engine. No HTTP."""
