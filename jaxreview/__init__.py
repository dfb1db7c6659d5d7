"""Pure neural-network functions for JAX, each with the loop that defines it, the proof of its gradient and its measured speed."""

from jaxreview import activations, convolution, linear, normalization, pooling, regularization, upsampling
from jaxreview import descent as descent
from jaxreview import detection as detection
from jaxreview import distances as distances
from jaxreview import gradcheck as gradcheck
from jaxreview import initializers as initializers
from jaxreview import losses as losses
from jaxreview import weights as weights
from jaxreview.activations import *
from jaxreview.convolution import *
from jaxreview.linear import *
from jaxreview.normalization import *
from jaxreview.pooling import *
from jaxreview.regularization import *
from jaxreview.upsampling import *

__all__ = ["descent", "detection", "distances", "gradcheck", "initializers", "losses", "weights"]
__all__ += activations.__all__
__all__ += convolution.__all__
__all__ += linear.__all__
__all__ += normalization.__all__
__all__ += pooling.__all__
__all__ += regularization.__all__
__all__ += upsampling.__all__

__version__ = "0.1.0"
