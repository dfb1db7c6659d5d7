"""A ResNet-50 and a U-Net of our functions, and PyTorch's modules with the same weights: outputs, loss, and its gradient by every parameter and the input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import BatchStats, avg_pool, batch_norm, batch_norm_train, conv, conv_transpose, dense, max_pool, relu
from jaxreview.losses import cross_entropy
from jaxreview.weights import import_kernel

from agree import agree

torch = pytest.importorskip("torch")
nn = torch.nn

# The depths are those of the papers, the widths a sixteenth.
WIDTH = 4
STAGES = (3, 4, 6, 3)
LEVELS = 4


# PyTorch


def normalized(channels, out, window, stride=1):
    return nn.Sequential(nn.Conv2d(channels, out, window, stride, window // 2, bias=False), nn.BatchNorm2d(out))


class Bottleneck(nn.Module):
    """He et al. (2015), figure 5 right, with the stride in the 3 × 3 convolution; the first of a stage projects its shortcut."""

    def __init__(self, channels, narrow, stride, *, first):
        super().__init__()
        self.reduce, self.window, self.expand = normalized(channels, narrow, 1), normalized(narrow, narrow, 3, stride), normalized(narrow, 4 * narrow, 1)
        self.shortcut = normalized(channels, 4 * narrow, 1, stride) if first else nn.Identity()

    def forward(self, x):
        y = torch.relu(self.window(torch.relu(self.reduce(x))))
        return torch.relu(self.expand(y) + self.shortcut(x))


class ResNet50(nn.Module):
    """He et al. (2015), table 1."""

    def __init__(self, classes):
        super().__init__()
        self.stem, self.pool, self.stages, channels = normalized(3, WIDTH, 7, 2), nn.MaxPool2d(3, 2, 1), nn.ModuleList(), WIDTH
        for stage, depth in enumerate(STAGES):
            blocks = nn.ModuleList()
            for block in range(depth):
                blocks.append(Bottleneck(channels, WIDTH * 2**stage, 2 if stage and not block else 1, first=not block))
                channels = 4 * WIDTH * 2**stage
            self.stages.append(blocks)
        self.head = nn.Linear(channels, classes)

    def forward(self, x):
        x = self.pool(torch.relu(self.stem(x)))
        for blocks in self.stages:
            for block in blocks:
                x = block(x)
        return self.head(x.mean((2, 3)))


class Double(nn.Module):
    """Two padded convolutions, each normalized and rectified."""

    def __init__(self, channels, out):
        super().__init__()
        self.first, self.second = normalized(channels, out, 3), normalized(out, out, 3)

    def forward(self, x):
        return torch.relu(self.second(torch.relu(self.first(x))))


class UNet(nn.Module):
    """Ronneberger et al. (2015), figure 1, padded and normalized: down by max pooling, up by transposed convolution, joined to what was there before."""

    def __init__(self, classes):
        super().__init__()
        widths = [WIDTH * 2**level for level in range(LEVELS + 1)]
        pairs = list(zip(widths[:-1], widths[1:], strict=True))
        self.down = nn.ModuleList(Double(channels, out) for channels, out in zip([3, *widths[:-2]], widths[:-1], strict=True))
        self.bottom = Double(*pairs[-1])
        self.up = nn.ModuleList(nn.ConvTranspose2d(wide, narrow, 2, 2) for narrow, wide in pairs)
        self.join = nn.ModuleList(Double(wide, narrow) for narrow, wide in pairs)
        self.pool, self.head = nn.MaxPool2d(2), nn.Conv2d(WIDTH, classes, 1)

    def forward(self, x):
        skips = []
        for double in self.down:
            skips.append(double(x))
            x = self.pool(skips[-1])
        x = self.bottom(x)
        for level in reversed(range(LEVELS)):
            x = self.join[level](torch.cat([skips[level], self.up[level](x)], 1))
        return self.head(x)


# Ours: the parameters are a dict by PyTorch's names.


def unit(p, name, x, train, *, stride=1):
    kernel, scale, bias = p[f"{name}.0.weight"], p[f"{name}.1.weight"], p[f"{name}.1.bias"]
    stats = BatchStats(p[f"{name}.1.running_mean"], p[f"{name}.1.running_var"])
    y = conv(x, kernel, stride=stride, padding=kernel.shape[0] // 2)
    return batch_norm_train(y, stats, scale, bias)[0] if train else batch_norm(y, stats, scale, bias)


def resnet50(p, x, train):
    x = max_pool(relu(unit(p, "stem", x, train, stride=2)), (3, 3), stride=2, padding=1)
    for stage, depth in enumerate(STAGES):
        for block in range(depth):
            name, stride = f"stages.{stage}.{block}", 2 if stage and not block else 1
            y = relu(unit(p, f"{name}.reduce", x, train))
            y = relu(unit(p, f"{name}.window", y, train, stride=stride))
            y = unit(p, f"{name}.expand", y, train)
            x = relu(y + (x if block else unit(p, f"{name}.shortcut", x, train, stride=stride)))
    return dense(avg_pool(x, x.shape[1:-1])[:, 0, 0], p["head.weight"], p["head.bias"])


def double(p, name, x, train):
    return relu(unit(p, f"{name}.second", relu(unit(p, f"{name}.first", x, train)), train))


def unet(p, x, train):
    skips = []
    for level in range(LEVELS):
        skips.append(double(p, f"down.{level}", x, train))
        x = max_pool(skips[-1], (2, 2))
    x = double(p, "bottom", x, train)
    for level in reversed(range(LEVELS)):
        x = conv_transpose(x, p[f"up.{level}.weight"], p[f"up.{level}.bias"], stride=2)
        x = double(p, f"join.{level}", jnp.concatenate([skips[level], x], axis=-1), train)
    return conv(x, p["head.weight"], p["head.bias"])


# One beside the other


KINDS = {nn.Conv2d: "conv", nn.ConvTranspose2d: "conv_transpose", nn.Linear: "dense"}


def in_our_layout(network, tensors):
    """PyTorch's tensors, by the names that the network has for them, as arrays with the kernels imported."""
    kinds = {f"{name}.weight": KINDS[type(module)] for name, module in network.named_modules() if type(module) in KINDS}
    arrays = {name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}
    return {name: import_kernel(a, "pytorch", kind=kinds[name]) if name in kinds else a for name, a in arrays.items()}


def draw(network):
    """All weights at random: kernels after He et al., scales and variances around one, means and biases around zero."""
    rng = np.random.default_rng(0)
    for name, tensor in network.state_dict().items():
        spread = rng.standard_normal(tensor.shape)
        if tensor.ndim > 1:
            drawn = spread * np.sqrt(2 / tensor[0].numel())
        elif name.endswith("weight"):
            drawn = 1 + 0.2 * spread
        elif name.endswith("running_var"):
            drawn = 1 + 0.5 * rng.random(tensor.shape)
        else:
            drawn = 0.2 * spread
        if tensor.is_floating_point():
            tensor.copy_(torch.from_numpy(drawn))


def compare(network, function, x, labels, train):
    network.double().train(train)
    draw(network)
    parameters = dict(network.named_parameters())
    values = in_our_layout(network, parameters)
    statistics = in_our_layout(network, {name: buffer for name, buffer in network.named_buffers() if "running" in name})

    theirs = torch.from_numpy(x).movedim(-1, 1).contiguous().requires_grad_()
    their_logits = network(theirs)
    their_loss = nn.functional.cross_entropy(their_logits, torch.from_numpy(labels))
    their_loss.backward()
    their_gradients = in_our_layout(network, {name: parameter.grad for name, parameter in parameters.items()})

    with jax.enable_x64(True):

        def loss(values, x, statistics):
            logits = function(values | statistics, x, train)
            return cross_entropy(logits, jnp.asarray(labels, jnp.int32)).mean(), logits

        (value, logits), (gradients, by_x) = jax.jit(jax.value_and_grad(loss, (0, 1), has_aux=True))(values, x, statistics)
    agree(logits, their_logits.detach().movedim(1, -1).numpy())
    agree(value, their_loss.item())
    agree(by_x, theirs.grad.movedim(1, -1).numpy())
    assert gradients.keys() == their_gradients.keys()
    for name, gradient in gradients.items():
        assert np.any(gradient), name
        agree(gradient, their_gradients[name])


def count(network, kind):
    return sum(type(module) is kind for module in network.modules())


# In float64: in float32 and training mode the gradients that PyTorch itself gives for the ResNet are off from its float64 by 4e-4 to 0.07 of their largest
# value (two seeds; ours by 2e-4).
@pytest.mark.parametrize("train", [True, False])
def test_resnet50(train):
    rng, network = np.random.default_rng(1), ResNet50(classes=5)
    assert (count(network, nn.Conv2d), count(network, nn.Linear)) == (53, 1)
    compare(network, resnet50, rng.standard_normal((4, 64, 48, 3)), rng.integers(0, 5, 4), train)


@pytest.mark.parametrize("train", [True, False])
def test_unet(train):
    rng, network = np.random.default_rng(2), UNet(classes=3)
    assert (count(network, nn.Conv2d), count(network, nn.ConvTranspose2d)) == (19, 4)
    compare(network, unet, rng.standard_normal((2, 32, 48, 3)), rng.integers(0, 3, (2, 32, 48)), train)
