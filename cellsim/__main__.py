"""`python -m cellsim` is `cellsim`."""

from cellsim.cli import main

if __name__ == "__main__":
    main()
