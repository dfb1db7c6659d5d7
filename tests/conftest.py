"""Strict for every test: no silent promotion, no silent broadcast, full precision, eight devices, annotations checked at each call."""

import jax
from jaxtyping import install_import_hook

jax.config.update("jax_num_cpu_devices", 8)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_default_matmul_precision", "highest")

# Before the first import of the library: from here on beartype holds every call against its annotations.
install_import_hook("jaxreview", "checking.typechecked")
