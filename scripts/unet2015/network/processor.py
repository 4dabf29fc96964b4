"""Which processor this is."""

import platform
import re
from pathlib import Path


def processor(table: Path = Path("/proc/cpuinfo")) -> str:
    """Return the model of the processor, or its architecture where none is told."""
    text = table.read_text(encoding="utf-8") if table.is_file() else ""
    found = re.search(r"^model name\s*: (.+)$", text, re.M)
    return found[1].strip() if found else platform.processor() or platform.machine()
