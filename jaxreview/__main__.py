"""``python -m jaxreview`` is ``jaxreview``."""

from jaxreview.cli import main

if __name__ == "__main__":
    main()
