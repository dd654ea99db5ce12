"""`python -m gaseol`."""

from gaseol.cli import main

main()
