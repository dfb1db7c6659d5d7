"""The for-loop twin of every function that has a loop to write: same module, same name, same signature, in plain Python and NumPy.

A loop is the definition: it reads as the mathematics does, element by element, in float64, and calls no vectorized code. The tests hold every
function against its loop, and the speedup table measures what the loop costs. Where a function takes a random key, its loop takes the
key's two 32-bit words (``jax.random.key_data``).
"""
