"""A small disk in memory, for tests of a full disk. Mounting needs root."""

import os
import subprocess
from pathlib import Path


def mount_tmpfs(folder: Path, size: str, user: tuple[int, int] | None) -> None:
    """Mount an empty disk of `size` (as mount(8) writes it: "64m") at `folder`, owned by (uid, gid)."""
    uid, gid = user or (os.geteuid(), os.getegid())
    options = f"size={size},mode=0700,uid={uid},gid={gid}"
    _run("mount", "-t", "tmpfs", "-o", options, "kinbridge-test", str(folder))


def unmount_below(folder: Path) -> None:
    """Unmount everything mounted at or below `folder`, innermost first."""
    for mounted in sorted(mounts_below(folder), reverse=True):
        _run("umount", str(mounted))


def mounts_below(folder: Path) -> list[Path]:
    """The mount points at or below `folder`."""
    points = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        point = Path(line.split()[4].encode().decode("unicode_escape"))
        if point == folder or folder in point.parents:
            points.append(point)
    return points


def why_no_tmpfs(trial: Path) -> str | None:
    """Why no disk can be mounted on the empty folder `trial`; None if it can."""
    if os.geteuid() != 0:
        return "a small disk (tmpfs) can only be mounted by root"
    try:
        mount_tmpfs(trial, "64k", None)
        unmount_below(trial)
    except (OSError, RuntimeError) as error:
        return f"a small disk (tmpfs) cannot be mounted here: {error}"
    return None


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")
