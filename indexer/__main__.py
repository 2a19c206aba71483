"""`python -m indexer` is the command `renvois`."""

from indexer.cli import main

if __name__ == "__main__":
    main(prog_name="renvois")
