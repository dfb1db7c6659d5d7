"""Quick compilation for the laws that compare a function with itself: most of their time is the compiler's."""

import jax
import pytest


@pytest.fixture(scope="module", autouse=True)
def quick_compilation(request):
    """Most optimizations of XLA off; `test_loops` keeps them, so that every row's value is also checked as users compile it."""
    optimized = request.module.__name__.endswith("test_loops")
    jax.config.update("jax_disable_most_optimizations", not optimized)
    yield
    jax.config.update("jax_disable_most_optimizations", False)
