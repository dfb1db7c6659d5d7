"""Non-maximum suppression."""

__all__: list[str] = []
