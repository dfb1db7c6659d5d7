"""Convolutions of real networks: the shapes on which algorithms and libraries are compared. One row a layer; channels last, as everywhere here."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jaxreview import _windows

__all__ = ["LAYERS", "Layer", "matching", "regex"]


@dataclass(frozen=True)
class Layer:
    """``function`` (``"conv"`` or ``"conv_transpose"``) of x `(N, *spatial, in)` with a kernel as that function takes it."""

    network: str
    function: str
    x: tuple[int, ...]
    kernel: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def groups(self) -> int:
        """Groups of channels; 1 for a dense layer."""
        return self.options.get("groups", 1)

    @property
    def kind(self) -> str:
        """``"transposed"``, ``"depthwise"``, ``"grouped"``, ``"dense 3×3"`` (stride 1, no dilation, two axes) or ``"dense"``."""
        if self.function == "conv_transpose":
            return "transposed"
        if self.groups > 1:
            return "depthwise" if self.kernel[-2] == 1 else "grouped"
        plain = self.kernel[:-2] == (3, 3) and self.options.get("stride", 1) == 1 and self.options.get("dilation", 1) == 1
        return "dense 3×3" if plain else "dense"

    @property
    def geometry(self) -> _windows.Geometry:
        """How the window walks; of a transposed layer, that of the convolution it is the transpose of."""
        settings = {name: value for name, value in self.options.items() if name != "groups"}
        walk = _windows.transpose_geometry if self.function == "conv_transpose" else _windows.geometry
        return walk(self.function, self.x[1:-1], self.kernel[:-2], **settings)

    @property
    def operations(self) -> int:
        """Multiplications and additions of the forward pass by its definition, those with padding included."""
        return 2 * self.x[0] * math.prod(self.geometry.out) * math.prod(self.kernel)

    def __str__(self) -> str:
        sizes, window = "×".join(map(str, self.x)), "×".join(map(str, self.kernel))
        settings = "".join(f" {name} {value}" for name, value in self.options.items())
        return f"{self.network}: {self.function} {sizes} by {window}{settings}"


def _conv(network: str, x: tuple[int, ...], kernel: tuple[int, ...], **options: Any) -> Layer:
    return Layer(network, "conv", x, kernel, options)


def _transposed(network: str, x: tuple[int, ...], kernel: tuple[int, ...], **options: Any) -> Layer:
    return Layer(network, "conv_transpose", x, kernel, options)


LAYERS = (
    _conv("ResNet-50 stem", (4, 224, 224, 3), (7, 7, 3, 64), stride=2, padding=3),
    _conv("ResNet-50 expand", (8, 56, 56, 64), (1, 1, 64, 256)),
    _conv("ResNet-50 shortcut", (8, 56, 56, 256), (1, 1, 256, 512), stride=2),
    _conv("ResNet-50 stage 1", (8, 56, 56, 64), (3, 3, 64, 64), padding=1),
    _conv("ResNet-50 stage 2", (8, 28, 28, 128), (3, 3, 128, 128), padding=1),
    _conv("ResNet-50 stage 3", (8, 14, 14, 256), (3, 3, 256, 256), padding=1),
    _conv("ResNet-50 stage 4", (8, 7, 7, 512), (3, 3, 512, 512), padding=1),
    _conv("ResNet-50 down", (8, 56, 56, 128), (3, 3, 128, 128), stride=2, padding=1),
    _conv("U-Net encoder", (2, 112, 112, 64), (3, 3, 64, 64), padding=1),
    _conv("U-Net decoder", (2, 56, 56, 256), (3, 3, 256, 128), padding=1),
    _conv("DeepLab", (4, 28, 28, 256), (3, 3, 256, 256), padding=2, dilation=2),
    _conv("ConvNeXt stem", (4, 224, 224, 3), (4, 4, 3, 96), stride=4),
    _conv("ConvNeXt down", (8, 56, 56, 96), (2, 2, 96, 192), stride=2),
    _conv("DCGAN critic", (32, 16, 16, 128), (4, 4, 128, 256), stride=2, padding=1),
    _conv("WaveNet", (4, 4096, 64), (2, 64, 128), padding=((64, 0),), dilation=64),
    _conv("HiFi-GAN", (4, 2048, 128), (7, 128, 128), padding=9, dilation=3),
    _conv("3-D U-Net", (1, 32, 32, 32, 32), (3, 3, 3, 32, 64), padding=1),
    _conv("3-D U-Net down", (1, 32, 32, 32, 64), (3, 3, 3, 64, 64), stride=2, padding=1),
    _conv("MobileNet", (8, 112, 112, 32), (3, 3, 1, 32), padding=1, groups=32),
    _conv("MobileNet down", (8, 112, 112, 64), (3, 3, 1, 64), stride=2, padding=1, groups=64),
    _conv("MobileNet late", (8, 14, 14, 512), (3, 3, 1, 512), padding=1, groups=512),
    _conv("MobileNetV3", (8, 28, 28, 120), (5, 5, 1, 120), padding=2, groups=120),
    _conv("ConvNeXt stage 1", (8, 56, 56, 96), (7, 7, 1, 96), padding=3, groups=96),
    _conv("ConvNeXt stage 3", (8, 14, 14, 384), (7, 7, 1, 384), padding=3, groups=384),
    _conv("Conformer", (8, 512, 256), (31, 1, 256), padding=15, groups=256),
    _conv("3-D MobileNet", (1, 16, 56, 56, 64), (3, 3, 3, 1, 64), padding=1, groups=64),
    _conv("ResNeXt-50 stage 1", (8, 56, 56, 128), (3, 3, 4, 128), padding=1, groups=32),
    _conv("ResNeXt-50 stage 3", (8, 14, 14, 512), (3, 3, 16, 512), padding=1, groups=32),
    _conv("ResNeXt-50 down", (8, 56, 56, 256), (3, 3, 8, 256), stride=2, padding=1, groups=32),
    _conv("AlexNet", (8, 27, 27, 96), (5, 5, 48, 256), padding=2, groups=2),
    _transposed("DCGAN 1", (32, 1, 1, 100), (4, 4, 512, 100)),
    _transposed("DCGAN 2", (32, 4, 4, 512), (4, 4, 256, 512), stride=2, padding=1),
    _transposed("DCGAN 3", (32, 8, 8, 256), (4, 4, 128, 256), stride=2, padding=1),
    _transposed("DCGAN 4", (32, 16, 16, 128), (4, 4, 64, 128), stride=2, padding=1),
    _transposed("DCGAN 5", (32, 32, 32, 64), (4, 4, 3, 64), stride=2, padding=1),
    _transposed("U-Net up", (4, 28, 28, 256), (2, 2, 128, 256), stride=2),
    _transposed("SegNet up", (4, 28, 28, 128), (3, 3, 64, 128), stride=2, padding=1, output_padding=1),
    _transposed("FCN-32s ×2", (4, 28, 28, 21), (4, 4, 21, 21), stride=2, padding=1),
    _transposed("FCN-8s ×8", (2, 28, 28, 21), (16, 16, 21, 21), stride=8, padding=4),
    _transposed("HiFi-GAN up", (4, 256, 256), (16, 128, 256), stride=8, padding=4),
    _transposed("3-D U-Net up", (1, 16, 16, 16, 64), (2, 2, 2, 32, 64), stride=2),
    _transposed("3-D decoder", (1, 16, 16, 16, 64), (3, 3, 3, 1, 64), stride=2, padding=1, output_padding=1),
    _transposed("ResNet-50 stage 2, transposed", (8, 28, 28, 128), (3, 3, 128, 128), padding=1),
)


def regex(text: str) -> re.Pattern[str]:
    """A regular expression.

    Raises:
        ValueError: the text is none.
    """
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None


def matching(regex: str | re.Pattern[str], layers: Sequence[Any] = LAYERS) -> list[Any]:
    """The layers in whose network or kind the expression is found."""
    return [layer for layer in layers if re.search(regex, f"{layer.network} · {layer.kind}")]
