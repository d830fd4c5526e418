"""F10, S13: what is refused before a directory is used, and how full a disk is."""

import os
from pathlib import Path

import apsw
import pytest

from stopline.stores.sqlite import filesystem
from stopline.stores.sqlite.check import Unsafe, check_sqlite, disk_free, prepare_directory, severity_of
from stopline.stores.sqlite.filesystem import kind_of, parse_mac_mounts, parse_mountinfo
from stopline.stores.sqlite.journal import open_journal
from stopline.stores.sqlite.layout import Layout

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")


@pytest.mark.parametrize(
    ("version", "refused"),
    [
        ("3.7.0", True), ("3.40.1", True), ("3.51.2", True), ("3.51.3", False), ("3.52.0", False), ("3.54.1", False),
        ("4.0.0", False),
    ],
)  # fmt: skip
def test_a_library_that_can_corrupt_is_refused(version, refused):
    if refused:
        with pytest.raises(Unsafe, match=version):
            check_sqlite(version)
    else:
        check_sqlite(version)


def test_the_library_we_run_on_is_good():
    check_sqlite(apsw.sqlite_lib_version())


@posix
async def test_what_it_makes_is_for_its_owner_only(tmp_path):
    journal = open_journal(tmp_path / "a" / "b")
    root = tmp_path / "a" / "b"
    loose = [path.name for path in (root, *root.iterdir()) if path.stat().st_mode & 0o077]
    assert loose == []
    await journal.close()
    assert [path.name for path in root.iterdir() if path.stat().st_mode & 0o077] == []


@posix
def test_an_empty_directory_is_tightened(tmp_path):
    root = tmp_path / "new"
    root.mkdir(mode=0o755)
    prepare_directory(Layout(root))
    assert root.stat().st_mode & 0o777 == 0o700


@posix
@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o720])
def test_a_loosened_directory_is_refused(tmp_path, mode):
    root = tmp_path / "used"
    root.mkdir(mode=0o700)
    (root / "journal.db").touch(mode=0o600)
    root.chmod(mode)
    with pytest.raises(Unsafe, match="chmod 700"):
        open_journal(root)


@posix
@pytest.mark.parametrize("name", ["journal.db", "journal.db-wal", "owner.db", "projections.db"])
def test_a_loosened_file_is_refused(tmp_path, name):
    (tmp_path / name).touch(mode=0o600)
    (tmp_path / name).chmod(0o644)
    with pytest.raises(Unsafe, match=rf"chmod 600 .*{name}"):
        open_journal(tmp_path)


def test_a_directory_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Unsafe, match=r"data cannot be used: .*\. Name another directory: --data-dir\."):
        open_journal(tmp_path / "file" / "data")


def test_a_file_in_place_of_the_directory_is_said(tmp_path):
    """It was "[Errno 17] File exists"."""
    (tmp_path / "file").touch()
    with pytest.raises(Unsafe, match="file cannot be used: it is a file, and no directory"):
        open_journal(tmp_path / "file")


@pytest.mark.parametrize(
    ("percent", "severity"),
    [
        (100, ""),
        (21, ""),
        (20, "WARNING"),
        (11, "WARNING"),
        (10, "ERROR"),
        (6, "ERROR"),
        (5, "CRITICAL"),
        (0, "CRITICAL"),
    ],
)
def test_how_bad_it_is_that_a_disk_fills(percent, severity):
    """F06: alerts at 20, 10 and 5 %."""
    assert severity_of(percent) == severity


def test_how_full_the_disk_is(tmp_path):
    found = disk_free(tmp_path)
    assert 0 <= found.percent <= 100
    assert 0 <= found.free_bytes <= found.total_bytes
    assert found.severity == severity_of(found.percent)


MOUNTINFO = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:25 / /mnt/share rw,relatime shared:9 - nfs4 server:/export rw,vers=4.2
31 22 0:26 / /mnt/with\\040blank rw - cifs //server/share rw
32 30 254:1 / /mnt/share/local rw - xfs /dev/vdb rw
33 22 0:27 / /home rw - fuse.sshfs user@host:/ rw
34 22 254:2 / /home rw - ext4 /dev/vdc rw
"""


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/var/lib/stopline", "ext4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/share/data", "nfs4"),
        ("/mnt/shared", "ext4"),
        ("/mnt/with blank/data", "cifs"),
        ("/mnt/share/local/data", "xfs"),
        ("/srv/me", "ext4"),
    ],
)
def test_the_mount_that_counts_is_the_deepest_and_latest(directory, kind):
    assert kind_of(Path(directory), parse_mountinfo(MOUNTINFO)) == kind


def test_what_mac_says_of_mounts():
    listed = (
        "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
        "//me@server/share on /Volumes/my share (smbfs, nodev, nosuid, mounted by me)\n"
    )
    mounted = parse_mac_mounts(listed)
    assert kind_of(Path("/Users/me"), mounted) == "apfs"
    assert kind_of(Path("/Volumes/my share/data"), mounted) == "smbfs"


@posix
@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_filesystem_is_refused(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(filesystem, "mounts", lambda: [("/", "ext4"), (str(tmp_path.resolve()), kind)])
    with pytest.raises(Unsafe, match=kind):
        open_journal(tmp_path / "data")


def test_this_machine_can_be_asked():
    assert filesystem.network_filesystem(Path.cwd()) == ""
