"""Run a command in a process that can make no namespace and, on request, use no Landlock.

    python seal.py unshare[,landlock] COMMAND...

A system-call filter answers EPERM, for this process and all that it starts.
"""

import ctypes
import os
import platform
import struct
import sys

NUMBERS = {
    "x86_64": {"unshare": 272, "landlock": 444},
    "aarch64": {"unshare": 97, "landlock": 444},
}
LOAD_NUMBER = (0x20, 0, 0, 0)
ALLOW = (0x06, 0, 0, 0x7FFF0000)
REFUSE = (0x06, 0, 0, 0x00050000 | 1)


def main() -> None:
    numbers = [NUMBERS[platform.machine()][name] for name in sys.argv[1].split(",")]
    code = [LOAD_NUMBER]
    for number in numbers:
        code += [(0x15, 0, 1, number), REFUSE]
    code.append(ALLOW)
    program = b"".join(struct.pack("=HBBI", *one) for one in code)
    kept = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(code), ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    assert libc.prctl(38, ctypes.c_ulong(1), zero, zero, zero) == 0
    assert libc.prctl(22, ctypes.c_ulong(2), ctypes.create_string_buffer(header), zero, zero) == 0
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
