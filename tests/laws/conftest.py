"""Quick compilation for the laws that compare a function with itself, and for halves: most of their time is the compiler's."""

import jax
import pytest


@pytest.fixture(autouse=True)
def quick_compilation(request):
    """Most optimizations of XLA off; `test_loops` keeps them for float32 and float64, so that every row's value is also checked as users compile it."""
    dtype = getattr(request.node, "callspec", None) and request.node.callspec.params.get("dtype")
    optimized = request.module.__name__.endswith("test_loops") and dtype in ("float32", "float64")
    jax.config.update("jax_disable_most_optimizations", not optimized)
    yield
    jax.config.update("jax_disable_most_optimizations", False)
