"""descent."""

__all__: list[str] = []
