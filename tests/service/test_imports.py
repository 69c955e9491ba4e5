"""The service is loaded before the first frame: nothing slow may come along."""

import subprocess
import sys

SCRIPT = """
import pkgutil, sys
import trigdash.service
for module in pkgutil.iter_modules(trigdash.service.__path__):
    __import__(f"trigdash.service.{module.name}")
print(" ".join(name for name in ("textual", "rich", "httpx", "pydantic") if name in sys.modules))
"""


def test_no_module_of_the_service_imports_the_screen_the_client_or_the_models() -> None:
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == ""
