"""Isolation of a worker process: no network, no writes outside its scratch folder, limits.

Linux gives all of it; elsewhere only the limits hold, and the isolation is called "weak". Every
function here acts on the calling process for good, and must run before it has a second thread.
"""

import contextlib
import ctypes
import math
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Any

NETWORK_NAMESPACE = "network namespace"
LANDLOCK = "landlock"
WEAK = "weak"

MIB = 1024 * 1024
ADDRESS_HEADROOM_MB = 1024
"""Address space is not memory: libraries map far more than they touch when first imported."""
FILE_MB = 256
"""The largest file that a tool may write, in MiB."""

XCPU_STATUS = int(signal.SIGXCPU)
"""Exit status of a worker that used up its processor time."""


def leave_network() -> bool:
    """Move to a network namespace of our own, where there is nothing; say whether that worked.

    The next child begins a process namespace too, so that none of its children outlives it.
    """
    if sys.platform != "linux":
        return False
    uid, gid = os.getuid(), os.getgid()
    network, both = _CLONE_NEWNET, _CLONE_NEWNET | _CLONE_NEWPID
    # With a user namespace no privilege is needed; without one, root can still do it.
    for flags in (_CLONE_NEWUSER | both, both, _CLONE_NEWUSER | network, network):
        if _libc().unshare(flags) == 0:
            if flags & _CLONE_NEWUSER:
                _map_user(uid, gid)
            return True
    return False


def lock_down(scratch: Path) -> bool:
    """Close the file system for writing, and TCP, with Landlock; say whether TCP is closed.

    An older kernel closes less of it or nothing; UDP stays open.

    Args:
        scratch: the only folder that stays writable.
    """
    return sys.platform == "linux" and _restrict(scratch)


def refuse_sockets() -> None:
    """Have Python itself refuse to connect: a tripwire where nothing stronger closes all of it."""

    def hook(event: str, _: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
            msg = f"{event}: a tool has no network"
            raise PermissionError(msg)

    sys.addaudithook(hook)


def limit_process() -> None:
    """Set the limits that hold for a worker's whole life: no core dumps, no huge files."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, FILE_MB * MIB)
    if sys.platform == "linux":
        _end_on_xcpu()


def limit_call(cpu_seconds: float, memory_mb: int) -> None:
    """Move the soft limits for the next call, counted from what the process has used so far.

    Args:
        cpu_seconds: processor seconds that it may take.
        memory_mb: memory that it may take, in MiB; libraries that it imports have
            `ADDRESS_HEADROOM_MB` besides.

    Raises:
        OSError: a tool has lowered its hard limits before.
        ValueError: likewise.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime + cpu_seconds)
    _move(resource.RLIMIT_CPU, seconds)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        size = pages * resource.getpagesize() + (memory_mb + ADDRESS_HEADROOM_MB) * MIB
        _move(resource.RLIMIT_AS, size)


def die_with_parent(signal_number: int) -> None:
    """Have the kernel send this process a signal when its parent ends."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, even in another session."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def kill_children() -> None:
    """Kill and reap all children, and theirs as they are adopted, until none is left."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    while listing.exists() and (children := listing.read_text().split()):
        for child in map(int, children):
            os.kill(child, signal.SIGKILL)  # our own and not yet reaped: the number is theirs
            os.waitpid(child, 0)


# --- The kernel's doors, by number: there is no Python module for them. ---

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000

# Landlock's system calls have one number on all architectures.
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_VERSION = 1
_LANDLOCK_RULE_PATH_BENEATH = 1

_WRITE_FILE = 1 << 1
_REFER = 1 << 13
_TRUNCATE = 1 << 14
_CHANGE_TREE = sum(1 << bit for bit in range(4, 13))
"""Remove and make files, folders, links, sockets, pipes and devices."""
_TCP = 0b11
_SCOPES = 0b11
"""Abstract Unix sockets and signals stay among the processes of one ruleset."""


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _prctl(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    _check(_libc().prctl(option, ctypes.c_ulong(value), zero, zero, zero))


def _map_user(uid: int, gid: int) -> None:
    # Files are judged by the real user either way; unmapped, we would only be called `nobody`.
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")


def _restrict(scratch: Path) -> bool:
    """Enforce a Landlock ruleset as far as this kernel has it; say whether it closes TCP."""
    libc = _libc()
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    if version < 1:
        return False
    files = _WRITE_FILE | _CHANGE_TREE
    files |= _REFER if version >= 2 else 0
    files |= _TRUNCATE if version >= 3 else 0
    rules = [files]
    rules += [_TCP] if version >= 4 else []
    rules += [_SCOPES] if version >= 6 else []
    packed = struct.pack(f"={len(rules)}Q", *rules)
    ruleset = _check(
        libc.syscall(_LANDLOCK_CREATE_RULESET, packed, ctypes.c_size_t(len(packed)), 0)
    )
    try:
        for folder in (scratch, Path("/dev/shm")):  # noqa: S108 (semaphores live there)
            _allow(libc, ruleset, folder, files)
        for device in ("null", "zero", "full", "tty"):
            _allow(libc, ruleset, Path("/dev") / device, files & (_WRITE_FILE | _TRUNCATE))
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _check(libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return version >= 4


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, access: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rule = struct.pack("=Qi", access, opened)
        _check(libc.syscall(_LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_RULE_PATH_BENEATH, rule, 0))
    finally:
        os.close(opened)


def _end_on_xcpu() -> None:
    # The first process of a namespace ignores signals that it does not handle, and a Python
    # handler would wait for the C code that burns the time: so the handler is C, `_exit` itself.
    # It is called with the signal's number, which is the exit status.
    libc = _libc()
    libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    libc.signal.restype = ctypes.c_void_p
    libc.signal(signal.SIGXCPU, ctypes.cast(libc._exit, ctypes.c_void_p))


def _lower(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


def _move(what: int, soft: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
