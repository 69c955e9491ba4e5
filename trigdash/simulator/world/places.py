"""Places that runs take: counted together, and for each concurrency key."""


class Places:
    """What queues and concurrency limits count alike."""

    __slots__ = ("key_running", "running")

    def __init__(self) -> None:
        self.running = 0
        self.key_running: dict[str | None, int] = {}

    def take(self, key: str | None) -> None:
        """A run begins to use one."""
        self.running += 1
        self.key_running[key] = self.key_running.get(key, 0) + 1

    def give_back(self, key: str | None) -> None:
        """A run ended, was suspended or waits for a late retry."""
        self.running -= 1
        left = self.key_running[key] - 1
        if left:
            self.key_running[key] = left
        else:
            del self.key_running[key]
