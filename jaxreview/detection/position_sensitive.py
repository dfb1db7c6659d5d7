"""Position-sensitive regions of interest."""

__all__: list[str] = []
