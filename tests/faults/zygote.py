"""A process that has imported everything and forks a program on each order.

A fork starts in milliseconds, so that programs can be killed many times. Orders come
as lines of JSON on standard input; the answers are lines with the process id and,
once the program has ended, its status as of ``os.waitpid``.
"""

import importlib
import json
import os
import pathlib
import resource
import signal
import sys
import time

STEPS = ((os, "fsync"), (pathlib.Path, "replace"))
"""What finishes a file; a program can be killed before each of these calls."""


def die_at(count):
    """Let this process kill itself before the call of that number."""
    left = [count]

    def counted(call):
        def step(*args, **keywords):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **keywords)

        return step

    for owner, name in STEPS:
        setattr(owner, name, counted(getattr(owner, name)))


def jumping_clock():
    """Let the time of day fall back by an hour at each look at it."""
    now = [time.time()]

    def time_of_day():
        now[0] -= 3600
        return now[0]

    time.time = time_of_day


def obey(order):
    """Become the program that is asked for."""
    output = os.open(order["messages"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    from unet2015 import cli

    os.chdir(order["folder"])
    if order.get("die_at"):
        die_at(order["die_at"])
    if order.get("jump"):
        jumping_clock()
    if order.get("bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["bytes"],) * 2)
    program = importlib.import_module(order["program"])
    status = 0
    try:
        cli.run(lambda: program.main(order["arguments"]))
    except SystemExit as stop:
        status = stop.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def answer(number):
    """Write a line."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main():
    """Import the programs and wait for orders."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            obey(json.loads(line))
        answer(pid)
        answer(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
