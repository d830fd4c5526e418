"""macOS and other Unix: `ps` says when a process began."""

import os
import signal
import subprocess

from stopline.stores.processes import ProcessLeft, ProcessMark

PATIENCE_S = 5.0


def began(pid: int) -> str:
    """Return when a process began, to the second; nothing for one that has ended (a zombie too)."""
    asked = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    try:
        said = subprocess.run(
            asked, capture_output=True, text=True, timeout=PATIENCE_S, check=False, env={**os.environ, "LC_ALL": "C"}
        ).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if not said or said[0].startswith("Z") else " ".join(said[1:])


def end(mark: ProcessMark) -> None:
    """Kill it, if it is still the same."""
    if began(mark.pid) != mark.began:
        raise ProcessLeft(f"process {mark.pid} is gone, or another one by now")
    os.kill(mark.pid, signal.SIGKILL)
