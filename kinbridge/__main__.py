"""The command `kinbridge`, and `python -m kinbridge`."""

from shared.garbage import collect_seldom

collect_seldom()  # before the imports: they make a quarter of a million objects, all to stay

from kinbridge.cli import main  # noqa: E402 - after the line above

if __name__ == "__main__":
    main()
