"""`dispatchd`, also as `python -m gateway`."""

from gateway.cli.app import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
