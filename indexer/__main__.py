"""The command `renvois`, from its first import to its end; `python -m indexer` is the same."""

import os
import signal
import sys
from types import FrameType


def run() -> None:
    """Be the command `renvois`, and leave with its exit code.

    Ctrl-C is told while it works, and by no traceback of its imports before that. After it has said
    all, it is ignored: while Python takes itself down it puts SIGINT back to what kills, and a
    command that has done its work would end as one that was killed.
    """
    # Whoever started us may have it ignored (`nohup`), or have it for himself (tests).
    is_ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_ours:
        signal.signal(signal.SIGINT, _leave)
    from indexer.cli import main  # here: from the first import on Ctrl-C is answered
    from indexer.cli.terminal import EXIT_INTERRUPTED

    try:
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        main(prog_name="renvois")
    except KeyboardInterrupt:  # pressed again, while the first was told
        sys.exit(EXIT_INTERRUPTED)
    finally:
        if is_ours:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(number: int, _frame: FrameType | None) -> None:
    """Leave at once: nothing is begun."""
    os._exit(128 + number)  # as shells have it


if __name__ == "__main__":
    run()
