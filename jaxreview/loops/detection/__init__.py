"""Detection, as loops."""

__all__: list[str] = []
