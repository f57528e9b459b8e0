# SPDX-License-Identifier: Apache-2.0
"""Random networks that go along time: convolutions with VALID padding there, and a mean."""

import math
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st
from layers import SEEDS, STRIDES, fitting_scale, random_bias, random_weights
from models import Call, Spec, build, options
from numpy.typing import NDArray

from soundpost.compiler import Network


@dataclass
class Net:
    """A network under construction; tensors by index, the first one is the input."""

    columns: int
    bands: int
    seed: int
    specs: list[Spec] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.put(Spec((1, self.columns, self.bands, 1), [0.5], [int(self.rng.integers(-20, 20))]))

    def put(self, spec: Spec) -> int:
        """The index of a new tensor."""
        self.specs.append(spec)
        return len(self.specs) - 1

    def call(self, name: str, inputs: list[int], spec: Spec, table: object = None) -> int:
        """The output of a new operator."""
        output = self.put(spec)
        self.calls.append(Call(name, inputs, output, table))
        return output

    def same(self, x: int, shape: tuple[int, ...]) -> Spec:
        """A tensor quantised as another one."""
        return Spec(shape, self.specs[x].scales, self.specs[x].zero_points)

    def constant(self, values: object) -> int:
        """A list of indices."""
        data = np.array(values)
        return self.put(Spec(data.shape, kind="int32", data=data))

    def pad(self, x: int, before: int, after: int) -> int:
        """PAD along the bands."""
        _, height, width, channels = self.specs[x].shape
        margins = self.constant([[0, 0], [0, 0], [before, after], [0, 0]])
        spec = self.same(x, (1, height, width + before + after, channels))
        return self.call("PAD", [x, margins], spec)

    def window(
        self, x: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int], relu: bool
    ) -> int:
        """CONV_2D, or with `outputs` of 0 DEPTHWISE_CONV_2D: SAME along the bands."""
        _, height, width, channels = self.specs[x].shape
        columns = math.ceil(width / stride[1])
        around = max((columns - 1) * stride[1] + kernel[1] - width, 0)
        same = kernel[0] == 1 and stride[0] == 1
        if around and not same:
            x = self.pad(x, around // 2, around - around // 2)
        rows = (height - kernel[0]) // stride[0] + 1
        depthwise = outputs == 0
        count = channels if depthwise else outputs
        shape = (1, *kernel, count) if depthwise else (count, *kernel, channels)
        weights = random_weights(self.rng, shape, 3 if depthwise else 0, True)
        source = self.specs[x]
        depth = math.prod(kernel) * (1 if depthwise else channels)
        scale = fitting_scale(self.rng, source, weights, depth)
        zero_point = -128 if relu else int(self.rng.integers(-20, 20))
        fields = {
            "padding": 0 if same else 1,
            "strideH": stride[0],
            "strideW": stride[1],
            "fusedActivationFunction": int(relu),
        }
        inputs = [x, self.put(weights)]
        inputs.append(self.put(random_bias(self.rng, source, weights, count, depth)))
        spec = Spec((1, rows, columns, count), [scale], [zero_point])
        if depthwise:
            table = options("DepthwiseConv2DOptions", **fields, depthMultiplier=1)
            return self.call("DEPTHWISE_CONV_2D", inputs, spec, table)
        return self.call("CONV_2D", inputs, spec, options("Conv2DOptions", **fields))

    def crop(self, x: int, before: int, after: int, strided: bool) -> int:
        """Rows cut off."""
        _, height, width, channels = self.specs[x].shape
        rows = height - before - after
        begin = self.constant([0, before, 0, 0])
        spec = self.same(x, (1, rows, width, channels))
        if not strided:
            return self.call("SLICE", [x, begin, self.constant(spec.shape)], spec)
        # as Keras' Cropping2D comes out, with what the masks leave out as 0
        lists = [begin, self.constant([0, before + rows, 0, 0]), self.constant([1] * 4)]
        table = options("StridedSliceOptions", beginMask=0b1101, endMask=0b1101)
        return self.call("STRIDED_SLICE", [x, *lists], spec, table)

    def add(self, x: int, y: int, relu: bool) -> int:
        """ADD of two tensors of one shape."""
        scales = [float(self.specs[tensor].scales[0]) for tensor in (x, y)]
        spec = Spec(self.specs[x].shape, [sum(scales)], [-128 if relu else 3])
        table = options("AddOptions", fusedActivationFunction=int(relu))
        return self.call("ADD", [x, y], spec, table)

    def residual(self, x: int, height: int, strided: bool) -> int:
        """Two convolutions of `height` rows, and a sum with what is before them, cropped."""
        channels = self.specs[x].shape[3]
        y = self.window(x, channels, (height, 3), (1, 1), True)
        y = self.window(y, channels, (height, 3), (1, 1), False)
        cut = self.specs[x].shape[1] - self.specs[y].shape[1]
        return self.add(y, self.crop(x, cut // 2, cut - cut // 2, strided) if cut else x, True)

    def pool(self, x: int, kind: str, kernel: int, stride: int) -> int:
        """AVERAGE_POOL_2D or MAX_POOL_2D over rows."""
        _, height, width, channels = self.specs[x].shape
        spec = self.same(x, (1, (height - kernel) // stride + 1, width, channels))
        fields = {"padding": 1, "strideH": stride, "strideW": 1}
        table = options("Pool2DOptions", **fields, filterHeight=kernel, filterWidth=1)
        return self.call(f"{kind}_POOL_2D", [x], spec, table)

    def shifted(self, x: int) -> int:
        """The sum of each row and the one after it: two parts of one tensor."""
        return self.add(self.crop(x, 1, 0, True), self.crop(x, 0, 1, True), False)

    def gated(self, x: int) -> int:
        """Channels times a function of their mean, all of which takes the whole window."""
        channels = self.specs[x].shape[3]
        table = options("ReducerOptions", keepDims=True)
        mean = self.same(x, (1, 1, 1, channels))
        gate = self.call("MEAN", [x, self.constant([1, 2])], mean, table)
        logistic = Spec((1, 1, 1, channels), [1 / 256], [-128])
        gate = self.call("LOGISTIC", [gate], logistic)
        spec = self.same(x, self.specs[x].shape)
        return self.call("MUL", [x, gate], spec, options("MulOptions"))

    def scores(self, x: int, classes: int) -> bytes:
        """The model, with a mean, a dense layer and a softmax at its end. The dense layer is made
        for scores that spread: nearly constant ones would hide errors.
        """
        channels = self.specs[x].shape[3]
        scale = float(self.specs[x].scales[0]) / 3
        mean = Spec((1, channels), [scale], self.specs[x].zero_points)
        x = self.call("MEAN", [x, self.constant([1, 2])], mean, options("ReducerOptions"))
        network = Network.from_tflite(build(self.specs, self.calls, 0, x))
        means = network.run(sound(self.rng, 20, network.input_shape)).astype(int)
        data = self.rng.integers(-127, 128, (classes, channels))
        products = (means - mean.zero_points[0]) @ data.T
        factor = 2 / max(products.std(axis=0).mean(), 1)
        weights = Spec((classes, channels), [factor / scale], data=data)
        middle = -products.mean(axis=0).round()
        bias = Spec((classes,), [factor], kind="int32", data=middle)
        inputs = [x, self.put(weights), self.put(bias)]
        dense = Spec((1, classes), [0.06], [0])
        x = self.call("FULLY_CONNECTED", inputs, dense, options("FullyConnectedOptions"))
        softmax = options("SoftmaxOptions", beta=1.0)
        x = self.call("SOFTMAX", [x], Spec((1, classes), [1 / 256], [-128]), softmax)
        return build(self.specs, self.calls, 0, x)


def sound(rng: np.random.Generator, count: int, shape: tuple[int, ...]) -> NDArray[np.int8]:
    """Windows, or columns, of noise whose level changes from one to the next."""
    noise = rng.integers(-128, 128, (count, *shape))
    return (noise >> rng.integers(0, 5, (count, *[1] * len(shape)))).astype(np.int8)


def shipped_shape(columns: int = 64, bands: int = 64, seed: int = 1) -> bytes:
    """A network of the kind that sensors run, with random weights."""
    net = Net(columns, bands, seed)
    x = net.window(0, 16, (3, 3), (2, 2), True)
    x = net.window(x, 0, (3, 3), (2, 2), True)
    x = net.window(x, 24, (1, 1), (1, 1), True)
    x = net.window(x, 48, (3, 3), (2, 2), True)
    x = net.residual(x, 1, True)
    x = net.window(x, 80, (3, 3), (1, 2), True)
    return net.scores(net.residual(x, 1, True), 10)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Layers of every kind that goes along time, one after the other."""
    net = Net(draw(st.integers(9, 45)), draw(st.integers(1, 11)), draw(SEEDS))
    x, product = 0, 1
    for number in range(draw(st.integers(1, 5))):
        height = net.specs[x].shape[1]
        kernel = draw(st.integers(1, 4)), draw(st.integers(1, 4))
        stride = draw(st.sampled_from([1, 1, 2, 3] if product < 6 else [1])), draw(STRIDES)
        # residual sums take twice the kernel
        rows = min(kernel[0], (height - 1) // 2)
        kinds = ["conv", "depthwise", "relu6", "crop"]
        kinds += ["residual", "shifted", "average", "max"] if number else []
        kind = draw(st.sampled_from(kinds)) if rows > 0 else "relu6"
        relu = draw(st.booleans())
        product *= stride[0] if kind in ("conv", "depthwise", "average", "max") else 1
        match kind:
            case "conv":
                x = net.window(x, draw(st.integers(1, 9)), (rows, kernel[1]), stride, relu)
            case "depthwise":
                x = net.window(x, 0, (rows, kernel[1]), stride, relu)
            case "residual":
                x = net.residual(x, rows, relu)
            case "average" | "max":
                x = net.pool(x, kind.upper(), rows, stride[0])
            case "crop":
                x = net.crop(x, rows - 1, kernel[1] % 2, relu)
            case "shifted":
                x = net.shifted(x)
            case "relu6":
                x = net.call("RELU6", [x], net.same(x, net.specs[x].shape))
    if draw(st.booleans()):
        x = net.gated(x)
    return net.scores(x, draw(st.integers(2, 5)))


STREAMS = streams()
