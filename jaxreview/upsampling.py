"""upsampling."""

__all__: list[str] = []
