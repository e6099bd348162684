"""`python -m kinbridge`, the same as `kinbridge`."""

from kinbridge.cli import main

main()
