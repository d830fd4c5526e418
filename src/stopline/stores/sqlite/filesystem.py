"""Which filesystem a directory is on, as far as the system says so."""

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

NETWORK: Final = frozenset(
    "afpfs afs beegfs ceph cifs coda davfs fhgfs fuse.ceph fuse.davfs2 fuse.gcsfuse fuse.glusterfs fuse.juicefs "
    "fuse.rclone fuse.s3fs fuse.sshfs glusterfs gpfs lustre ncpfs nfs nfs3 nfs4 orangefs smb2 smb3 smbfs webdav".split()
)
_DRIVE_REMOTE: Final = 4
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")
_MAC_MOUNT: Final = re.compile(r"^.+ on (?P<where>/.*) \((?P<kind>[^,)]+)", re.MULTILINE)


def network_filesystem(directory: Path) -> str:
    """Return the kind of network filesystem a directory is on, or an empty string for a local or unknown one."""
    if os.name == "nt":
        return _windows_remote(directory.resolve())
    kind = kind_of(directory.resolve(), mounts())
    return kind if kind in NETWORK else ""


def mounts() -> list[tuple[str, str]]:
    """Return (mount point, kind) of what is mounted, in the order of mounting."""
    if sys.platform == "darwin":
        listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout
        return parse_mac_mounts(listed)
    try:
        return parse_mountinfo(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []


def parse_mountinfo(text: str) -> list[tuple[str, str]]:
    """Parse Linux's /proc/self/mountinfo."""
    found = []
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if separator and len(fields) > 4:
            where = _ESCAPE.sub(lambda match: chr(int(match.group(1), 8)), fields[4])
            found.append((where, after.split(" ")[0]))
    return found


def parse_mac_mounts(text: str) -> list[tuple[str, str]]:
    """Parse what macOS's `mount` prints."""
    return [(match["where"], match["kind"]) for match in _MAC_MOUNT.finditer(text)]


def kind_of(directory: Path, mounted: list[tuple[str, str]]) -> str:
    """Return the kind of the mount that a directory is on: the deepest, and of equals the latest."""
    best, kind = -1, ""
    for where, what in mounted:
        point = Path(where)
        if directory.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), what
    return kind


def _windows_remote(directory: Path) -> str:
    drive = directory.drive
    if drive.startswith("\\\\"):
        return "network share"
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (not there on other systems: mypy)
    return "network drive" if kernel.GetDriveTypeW(f"{drive}\\") == _DRIVE_REMOTE else ""
