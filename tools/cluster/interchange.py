"""Parsl's interchange, which ends when whoever started it ends, however that ends."""

import os
import runpy
import signal
import sys

from gaseol.tools.workers.isolation import die_with_parent

if __name__ == "__main__":
    _starter = int(sys.argv.pop())
    die_with_parent(signal.SIGTERM)
    if os.getppid() != _starter:
        sys.exit("whoever wanted it ended before it began")
    runpy.run_module("parsl.executors.high_throughput.interchange", run_name="__main__")
