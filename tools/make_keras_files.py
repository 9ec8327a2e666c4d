#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the small Keras files that tests read, and what the networks in them give, by NumPy.

Needs NumPy and h5py (Debian: python3-numpy, python3-h5py), not Keras: the files are laid out as
Keras 2 and 3 do. Last run with NumPy 1.24.2, h5py 3.7.0. The files are committed.

    /usr/bin/python3 tools/make_keras_files.py

Everything goes to src/test/resources/io/snnsim/dump/keras: a model NAME.h5 or NAME.keras, and
NAME_expected.npz with images (as Keras takes them) and the logits of each; the same bytes on every
run but for the times in plain2.h5 and first2.h5. The forward pass below
works on arrays of images, height, width, channels and pads as TensorFlow does.
"""
import io
import json
import os
import re
import zipfile

import h5py
import numpy as np

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                   "../src/test/resources/io/snnsim/dump/keras")
RANDOM = np.random.default_rng(15)


# ------------------------------------------------------------------------------------ networks

class Net:
    """Layers in order: name, class, options, names of what each reads, weights by name."""

    def __init__(self, name, sequential=False):
        self.name, self.sequential, self.layers = name, sequential, []

    def add(self, name, kind, reads=None, weights=None, inner=None, **options):
        if reads is None:
            reads = [self.layers[-1]["name"]] if self.layers else []
        self.layers.append({"name": name, "kind": kind, "reads": reads, "weights": weights or {},
                            "inner": inner, "options": options})
        return name

    def run(self, x):
        known = {}
        for layer in self.layers:
            if layer["kind"] == "InputLayer":
                known[layer["name"]] = x
                continue
            reads = [known[r] for r in layer["reads"]] or [x]
            known[layer["name"]] = (layer["inner"].run(reads[0]) if layer["inner"]
                                    else compute(layer, reads))
        return known[self.layers[-1]["name"]]


def pairs(v, n=2):
    return list(v) if isinstance(v, (list, tuple)) else [v] * n


def same_pads(size, kernel, stride, dilation=1):
    total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def patches(x, kernel, strides, dilation, padding, fill):
    """Yields for each tap the values that all places see: [images, out height, out width, channels]."""
    (kh, kw), (sh, sw), (dh, dw) = kernel, strides, dilation
    ph = same_pads(x.shape[1], kh, sh, dh) if padding == "same" else (0, 0)
    pw = same_pads(x.shape[2], kw, sw, dw) if padding == "same" else (0, 0)
    x = np.pad(x, ((0, 0), ph, pw, (0, 0)), constant_values=fill)
    oh = (x.shape[1] - (kh - 1) * dh - 1) // sh + 1
    ow = (x.shape[2] - (kw - 1) * dw - 1) // sw + 1
    for i in range(kh):
        for j in range(kw):
            yield i, j, x[:, i * dh:i * dh + (oh - 1) * sh + 1:sh,
                          j * dw:j * dw + (ow - 1) * sw + 1:sw, :]


def conv(x, kernel, o, groups=1):
    total = 0
    for i, j, v in patches(x, kernel.shape[:2], pairs(o.get("strides", 1)),
                           pairs(o.get("dilation_rate", 1)), o.get("padding", "valid"), 0):
        parts = [p @ k for p, k in zip(np.split(v, groups, 3), np.split(kernel[i, j], groups, 1))]
        total = total + np.concatenate(parts, 3)
    return total


def depthwise(x, kernel, o):
    total = 0
    for i, j, v in patches(x, kernel.shape[:2], pairs(o.get("strides", 1)),
                           pairs(o.get("dilation_rate", 1)), o.get("padding", "valid"), 0):
        product = v[..., None] * kernel[i, j]
        total = total + product.reshape(product.shape[:3] + (-1,))
    return total


def activation(name, x):
    if name in ("linear", "softmax", "sigmoid", None):  # The two at the end: logits are wanted.
        return x
    return {"relu": np.maximum(x, 0), "relu6": np.clip(x, 0, 6)}[name]


def pool(x, o, average):
    size = pairs(o.get("pool_size", 2))
    strides = pairs(o.get("strides") or size)
    taps = [v for _, _, v in patches(x, size, strides, (1, 1), o.get("padding", "valid"),
                                     np.nan if average else -np.inf)]
    return np.nanmean(taps, 0) if average else np.max(taps, 0)


def compute(layer, reads):
    kind, o, w, x = layer["kind"], layer["options"], layer["weights"], reads[0]
    first = o.get("data_format") == "channels_first" or (
        kind == "BatchNormalization" and o["axis"] == [1])
    if first and x.ndim == 4:
        x = np.moveaxis(x, 1, 3)
    if kind.endswith("1D"):
        y = compute({**layer, "kind": kind[:-2] + "2D", "options": widened(o, x)},
                    [causal(x, layer)[:, None]])
        return y[:, 0] if y.ndim == 4 else y
    if kind in ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense"):
        if kind == "Dense":
            y = x @ w["kernel"]
        elif kind == "Conv2D":
            kernel = w["kernel"] if w["kernel"].ndim == 4 else w["kernel"][None]
            y = conv(x, kernel, o, o.get("groups", 1))
        else:
            y = depthwise(x, w.get("depthwise_kernel", w.get("kernel")), o)
            if kind == "SeparableConv2D":
                y = conv(y, w["pointwise_kernel"], {})
        y = activation(o.get("activation"), y + w.get("bias", 0))
    elif kind == "BatchNormalization":
        a = w.get("gamma", 1) / np.sqrt(w["moving_variance"] + o.get("epsilon", 1e-3))
        y = (x - w["moving_mean"]) * a + w.get("beta", 0)
    elif kind == "Normalization":
        y = (x - w["mean"]) / np.sqrt(w["variance"])
    elif kind == "Rescaling":
        y = x * o["scale"] + o["offset"]
    elif kind in ("TrueDivide", "Subtract"):
        y = x / o["constant"] if kind == "TrueDivide" else x - o["constant"]
    elif kind == "ReLU":
        y = np.clip(x, 0, o.get("max_value") or np.inf)
    elif kind == "Activation":
        y = activation(o["activation"], x)
    elif kind in ("MaxPooling2D", "AveragePooling2D"):
        y = pool(x, o, kind[0] == "A")
    elif kind == "GlobalAveragePooling2D":
        y = x.mean((1, 2), keepdims=o.get("keepdims", False))
    elif kind == "GlobalMaxPooling2D":
        y = x.max((1, 2), keepdims=o.get("keepdims", False))
    elif kind == "ZeroPadding2D":
        y = np.pad(x, ((0, 0), *map(tuple, o["padding"]), (0, 0)))
    elif kind == "UpSampling2D":
        y = x.repeat(pairs(o["size"])[0], 1).repeat(pairs(o["size"])[1], 2)
    elif kind in ("Flatten", "Reshape"):
        y = x.reshape([len(x), -1] if kind == "Flatten" else [len(x), *o["target_shape"]])
    elif kind == "Add":
        y = sum(reads)
    elif kind == "Concatenate":
        y = np.concatenate(reads, o["axis"])
    else:
        assert kind in ("Dropout", "GaussianNoise", "RandomFlip", "Softmax"), kind
        y = x
    return np.moveaxis(y, 3, 1) if first and y.ndim == 4 else y


def widened(o, x):
    wide = dict(o)
    for name in ("strides", "dilation_rate", "pool_size", "size"):
        if o.get(name):
            wide[name] = [1, *pairs(o[name], 1)]
    if o.get("padding") == "causal":
        wide["padding"] = "valid"
    if "pool_size" not in o:
        wide["pool_size"] = [1, 2]
    return wide


def causal(x, layer):
    o = layer["options"]
    if o.get("padding") != "causal":
        return x
    before = (len(layer["weights"]["kernel"]) - 1) * pairs(o.get("dilation_rate", 1), 1)[0]
    return np.pad(x, ((0, 0), (before, 0), (0, 0)))


# ------------------------------------------------------------------------------------- weights

def f32(a):
    return np.asarray(a, np.float32)


def kernel(*shape, bias=True, name="kernel"):
    fan = np.prod(shape[:-1])
    w = {name: f32(RANDOM.normal(0, (2 / fan) ** .5, shape))}
    if bias:
        w["bias"] = f32(RANDOM.normal(0, .2, shape[-1]))
    return w


def depth(h, w, c, m, bias=False, name="depthwise_kernel"):
    d = {name: f32(RANDOM.normal(0, (2 / (h * w)) ** .5, (h, w, c, m)))}
    if bias:
        d["bias"] = f32(RANDOM.normal(0, .2, c * m))
    return d


def norm(n, scale=True, center=True):
    w = {}
    if scale:
        w["gamma"] = f32(RANDOM.uniform(.5, 1.5, n))
    if center:
        w["beta"] = f32(RANDOM.normal(0, .2, n))
    w["moving_mean"] = f32(RANDOM.normal(0, .3, n))
    w["moving_variance"] = f32(RANDOM.uniform(.3, 1.5, n))
    return w


# --------------------------------------------------------------------------------------- files

def options(net, layer, version):
    o = dict(layer["options"])
    if o.pop("constant", None) and version == 2:
        o["function"] = {"TrueDivide": "math.truediv", "Subtract": "math.subtract"}[layer["kind"]]
    if layer["kind"] == "InputLayer":
        shape = [None, *o.pop("shape")]
        o["batch_shape" if version == 3 else "batch_input_shape"] = shape
    o["name"] = layer["name"]
    o["trainable"] = True
    o["dtype"] = "float32" if version == 2 else {
        "module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
        "registered_name": None}
    for k in ("kernel_initializer", "bias_initializer"):
        if "kernel" in layer["weights"]:
            o[k] = {"class_name": "GlorotUniform", "config": {"seed": None}}
    return o


def shapes(net, x):
    """What every layer gives for one image."""
    known = {}
    for layer in net.layers:
        if layer["kind"] == "InputLayer":
            known[layer["name"]] = x
        else:
            reads = [known[r] for r in layer["reads"]] or [x]
            known[layer["name"]] = (layer["inner"].run(reads[0]) if layer["inner"]
                                    else compute(layer, reads))
    return known


def config(net, version, x=None):
    """The JSON of a model, as model.to_json() and config.json have it."""
    layers = []
    known = shapes(net, x) if x is not None else {}
    for layer in net.layers:
        inner = layer["inner"]
        reads = layer["reads"]
        if inner:
            first = known.get(reads[0]) if reads else x
            item = config(inner, version, first)
        else:
            item = {"class_name": "TFOpLambda" if version == 2 and "constant" in layer["options"]
                    else layer["kind"], "config": options(net, layer, version)}
        if version == 3:
            item["module"] = "keras.layers"
            item["registered_name"] = None
            if x is not None and reads:
                item["build_config"] = {"input_shape": [None, *known[reads[0]].shape[1:]]}
        if not net.sequential:
            item["name"] = layer["name"]
            if version == 2:
                item["inbound_nodes"] = [[[r, 0, 0, {}] for r in reads]] if reads else []
                if "constant" in layer["options"]:
                    named = {"y": layer["options"]["constant"], "name": None}
                    item["inbound_nodes"] = [[reads[0], 0, 0, named]]
            else:
                tensors = [{"class_name": "__keras_tensor__", "config": {
                    "shape": [None, *known[r].shape[1:]] if r in known else None,
                    "dtype": "float32", "keras_history": [r, 0, 0]}} for r in reads]
                if "constant" in layer["options"]:
                    item["module"] = "keras.src.ops.numpy"
                    tensors.append(layer["options"]["constant"])
                args = [tensors] if layer["kind"] in ("Add", "Concatenate") else tensors
                item["inbound_nodes"] = [{"args": args, "kwargs": {}}] if reads else []
        layers.append(item)
    body = {"name": net.name, "layers": layers}
    if net.sequential:
        return {"class_name": "Sequential", "config": body}
    body["input_layers"] = [[net.layers[0]["name"], 0, 0]]
    body["output_layers"] = [[net.layers[-1]["name"], 0, 0]]
    if version == 3:
        body["input_layers"], body["output_layers"] = body["input_layers"][0], body["output_layers"][0]
    return {"class_name": "Functional", "config": body}


def all_weights(layer, path=""):
    """Trainable ones first, as Keras writes the group of a layer."""
    found = []
    for inner in layer["inner"].layers if layer["inner"] else []:
        found += all_weights(inner, path)
    found += [(f"{path}{layer['name']}/{n}", w) for n, w in layer["weights"].items()]
    return sorted(found, key=lambda f: f[0].split("/")[-1].startswith("moving"))


def hdf5(net, version, suffix=":0", chunked=False, note=None, x=None, libver="earliest"):
    """model.save('net.h5')."""
    path = os.path.join(OUT, net.name + ".h5")
    with h5py.File(path, "w", libver=libver) as h:
        h.attrs["backend"] = "tensorflow"
        h.attrs["keras_version"] = "2.11.0" if version == 2 else "3.4.1"
        h.attrs["model_config"] = json.dumps(config(net, version, x))
        h.attrs["training_config"] = json.dumps({"loss": "categorical_crossentropy"})
        g = h.create_group("model_weights")
        names = [layer["name"].encode() for layer in net.layers]
        if chunked:
            for i, part in enumerate(np.array_split(np.array(names), 3)):
                g.attrs[f"layer_names{i}"] = part
        else:
            g.attrs["layer_names"] = names
        for layer in sorted(net.layers, key=lambda l: l["name"]):
            lg = g.create_group(layer["name"])
            weights = [(n + suffix, w) for n, w in all_weights(layer)]
            lg.attrs["weight_names"] = [n.encode() for n, _ in weights]
            for n, w in weights:
                lg.create_dataset(n, data=w)
        g.create_group("top_level_model_weights")
        if note:
            o = h.create_group("optimizer_weights")
            o.create_dataset("Adam/iter:0", data=np.int64(100))
            o.create_dataset("Adam/conv2d/kernel/m:0", data=np.zeros(3, np.float32))
    return path


def snake(kind):
    kind = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub("([a-z])([A-Z])", r"\1_\2", kind).lower()


def store(group, net, layers_name, twice):
    """The variables of a model: layers counted by class, those of 2.12 twice if they have weights."""
    used = {}
    for layer in net.layers:
        kind = ("Sequential" if layer["inner"].sequential else "Functional") if layer["inner"] \
            else layer["kind"]
        name = snake(kind)
        n = used.get(name, 0)
        used[name] = n + (2 if twice and layer["weights"] else 1)
        between = "\\" if twice else "/"  # As on Windows.
        at = group.create_group(layers_name + between + name + (f"_{n}" if n else ""))
        if layer["inner"]:
            store(at, layer["inner"], layers_name, twice)
        variables = at.create_group("vars")
        for i, w in enumerate(layer["weights"].values()):
            variables.create_dataset(str(i), data=w)


def keras(net, layers_name="layers", twice=False, version=3, x=None, packed=False):
    """model.save('net.keras'), which does not compress."""
    memory = io.BytesIO()
    with h5py.File(memory, "w") as h:
        store(h, net, layers_name, twice)
        h.create_group("vars")
        h.create_dataset("optimizer/vars/0", data=np.int64(7))
    path = os.path.join(OUT, net.name + ".keras")
    with zipfile.ZipFile(path, "w") as z:
        for name, data in (("metadata.json", json.dumps({"keras_version": "3.4.1"})),
                           ("config.json", json.dumps(config(net, version, x))),
                           ("model.weights.h5", memory.getvalue())):
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data,
                       zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED)
    return path


def images(*shape, pixels=False):
    x = RANDOM.integers(0, 256, (4, *shape)) if pixels else RANDOM.normal(0, 1, (4, *shape))
    return f32(x)


def emit(net, x, write, **options):
    y = net.run(x.astype(np.float64))
    path = write(net, x=x[:1].astype(np.float64), **options)
    np.savez_compressed(os.path.join(OUT, net.name + "_expected.npz"), images=x, logits=f32(y))
    print(f"{os.path.basename(path):28} {os.path.getsize(path):7} bytes, logits {y.shape}, "
          f"{y.min():.2f} .. {y.max():.2f}")


# -------------------------------------------------------------------------------- the models

def residual():
    """Keras 2, functional: 'same' with stride 2, sums, clipped ReLU, a flattened map."""
    n = Net("residual2")
    n.add("input_1", "InputLayer", shape=[11, 10, 3])
    n.add("conv2d", "Conv2D", weights=kernel(3, 3, 3, 6), filters=6, kernel_size=[3, 3],
          strides=[2, 2], padding="same", data_format="channels_last", dilation_rate=[1, 1],
          groups=1, activation="linear", use_bias=True)
    n.add("batch_normalization", "BatchNormalization", weights=norm(6), axis=[3], momentum=.99,
          epsilon=.001, center=True, scale=True)
    a = n.add("activation", "Activation", activation="relu")
    n.add("depthwise_conv2d", "DepthwiseConv2D", weights=depth(3, 3, 6, 1), kernel_size=[3, 3],
          strides=[1, 1], padding="same", data_format="channels_last", depth_multiplier=1,
          use_bias=False, activation="linear")
    n.add("batch_normalization_1", "BatchNormalization", weights=norm(6, scale=False), axis=[3],
          epsilon=.01, center=True, scale=False)
    n.add("add", "Add", reads=[a, "batch_normalization_1"])
    n.add("re_lu", "ReLU", max_value=6.0, negative_slope=0.0, threshold=0.0)
    n.add("separable_conv2d", "SeparableConv2D",
          weights={**depth(3, 3, 6, 2), **kernel(1, 1, 12, 7, name="pointwise_kernel")},
          filters=7, kernel_size=[3, 3], strides=[1, 1], padding="valid", depth_multiplier=2,
          data_format="channels_last", activation="relu", use_bias=True)
    n.add("max_pooling2d", "MaxPooling2D", pool_size=[2, 2], padding="same", strides=[2, 2],
          data_format="channels_last")
    n.add("flatten", "Flatten", data_format="channels_last")
    n.add("dropout", "Dropout", rate=.5, noise_shape=None, seed=None)
    n.add("dense", "Dense", weights=kernel(28, 5), units=5, activation="softmax", use_bias=True)
    emit(n, images(11, 10, 3), hdf5, version=2, chunked=True, note=True)


def plain():
    """Keras 2, Sequential without InputLayer, one Sequential in another, pixels 0..255."""
    inner = Net("sequential", sequential=True)
    inner.add("conv2d_3", "Conv2D", weights=kernel(3, 3, 4, 5), filters=5, kernel_size=[3, 3],
              padding="valid", activation="relu", use_bias=True, data_format="channels_last")
    inner.add("max_pooling2d_1", "MaxPooling2D", pool_size=[2, 2], padding="valid",
              strides=[2, 2], data_format="channels_last")
    n = Net("plain2", sequential=True)
    n.add("rescaling", "Rescaling", scale=1 / 127.5, offset=-1.0,
          batch_input_shape=[None, 12, 12, 1])
    n.add("conv2d_2", "Conv2D", weights=kernel(3, 3, 1, 4), filters=4, kernel_size=[3, 3],
          padding="valid", activation="relu", use_bias=True, data_format="channels_last")
    n.add("sequential", "Sequential", inner=inner)
    n.add("flatten_1", "Flatten", data_format="channels_last")
    n.add("batch_normalization_5", "BatchNormalization", weights=norm(80), axis=[1], epsilon=.001,
          center=True, scale=True)
    n.add("dense_4", "Dense", weights=kernel(80, 9), units=9, activation="relu", use_bias=True)
    n.add("dense_5", "Dense", weights=kernel(9, 4, bias=False), units=4, activation="linear",
          use_bias=False)
    emit(n, images(12, 12, 1, pixels=True), hdf5, version=2, libver="latest")


def branches():
    """Keras 3, functional: a model within it, concatenation, padding of its own, dict nodes."""
    inner = Net("encoder")
    inner.add("input_layer_1", "InputLayer", shape=[12, 12, 4])
    inner.add("zero_padding2d", "ZeroPadding2D", padding=[[0, 1], [0, 1]],
              data_format="channels_last")
    inner.add("depthwise_conv2d", "DepthwiseConv2D", weights=depth(3, 3, 4, 1, True, "kernel"),
              kernel_size=[3, 3], strides=[2, 2], padding="valid", depth_multiplier=1,
              data_format="channels_last", activation="relu", use_bias=True)
    inner.add("conv2d_7", "Conv2D", weights=kernel(1, 1, 4, 6, bias=False), filters=6,
              kernel_size=[1, 1], strides=[1, 1], padding="same", activation="linear",
              use_bias=False, data_format="channels_last", groups=1)
    inner.add("bn", "BatchNormalization", weights=norm(6, center=False), axis=-1, epsilon=.001,
              center=False, scale=True)
    inner.add("relu6", "Activation", activation="relu6")
    n = Net("branches3")
    n.add("input_layer", "InputLayer", shape=[12, 12, 3])
    n.add("normalization", "Normalization", axis=[-1], invert=False, mean=None, variance=None,
          weights={"mean": f32([.1, -.2, .3]), "variance": f32([.5, 1.5, 2]),
                   "count": np.int32(100)})
    n.add("random_flip", "RandomFlip", mode="horizontal", seed=None)
    n.add("conv2d_4", "Conv2D", weights=kernel(3, 3, 3, 4), filters=4, kernel_size=[3, 3],
          strides=[1, 1], padding="same", activation="relu", use_bias=True, groups=1,
          data_format="channels_last")
    a = n.add("encoder", "Functional", inner=inner)
    b = n.add("conv2d_5", "Conv2D", reads=["conv2d_4"], weights=kernel(3, 3, 2, 4), filters=4,
              kernel_size=[3, 3], strides=[2, 2], padding="same", activation="relu",
              use_bias=True, groups=2, data_format="channels_last")
    n.add("concatenate", "Concatenate", reads=[a, b], axis=-1)
    n.add("average_pooling2d", "AveragePooling2D", pool_size=[2, 2], strides=[2, 2],
          padding="same", data_format="channels_last")
    n.add("conv2d_6", "Conv2D", weights=kernel(2, 2, 10, 8), filters=8, kernel_size=[2, 2],
          dilation_rate=[2, 2], strides=[1, 1], padding="same", activation="relu", use_bias=True,
          groups=1, data_format="channels_last")
    n.add("global_average_pooling2d", "GlobalAveragePooling2D", keepdims=False,
          data_format="channels_last")
    n.add("dense", "Dense", weights=kernel(8, 3), units=3, activation="linear", use_bias=True)
    n.add("softmax", "Softmax", axis=-1)
    emit(n, images(12, 12, 3), keras, packed=True)


def grey():
    """Keras 3: the first network of its guide, an image without channels."""
    n = Net("grey3", sequential=True)
    n.add("input_layer", "InputLayer", shape=[6, 5])
    n.add("flatten", "Flatten", data_format="channels_last")
    n.add("dense", "Dense", weights=kernel(30, 8), units=8, activation="relu", use_bias=True)
    n.add("dropout", "Dropout", rate=.2)
    n.add("dense_1", "Dense", weights=kernel(8, 4), units=4, activation="softmax", use_bias=True)
    emit(n, images(6, 5), keras)


def sequence():
    """Keras 3 in HDF5: one dimension, names without :0."""
    n = Net("sequence3", sequential=True)
    n.add("input_layer", "InputLayer", shape=[15, 3])
    n.add("conv1d", "Conv1D", weights=kernel(3, 3, 5), filters=5, kernel_size=[3], strides=[1],
          padding="causal", dilation_rate=[2], activation="relu", use_bias=True, groups=1,
          data_format="channels_last")
    n.add("max_pooling1d", "MaxPooling1D", pool_size=[2], strides=[2], padding="valid",
          data_format="channels_last")
    n.add("conv1d_1", "Conv1D", weights=kernel(4, 5, 6), filters=6, kernel_size=[4], strides=[2],
          padding="same", activation="relu", use_bias=True, groups=1,
          data_format="channels_last", dilation_rate=[1])
    n.add("flatten", "Flatten", data_format="channels_last")
    n.add("dense", "Dense", weights=kernel(24, 3), units=3, activation="softmax", use_bias=True)
    emit(n, images(15, 3), hdf5, version=3, suffix="")


def early():
    """As Keras 2.12 wrote .keras files: other names of groups, layers with weights counted twice."""
    n = Net("early212")
    n.add("input_1", "InputLayer", shape=[8, 8, 2])
    n.add("conv2d", "Conv2D", weights=kernel(3, 3, 2, 4), filters=4, kernel_size=[3, 3],
          padding="valid", activation="relu", use_bias=True, data_format="channels_last")
    n.add("conv2d_1", "Conv2D", weights=kernel(3, 3, 4, 4), filters=4, kernel_size=[3, 3],
          padding="valid", activation="relu", use_bias=True, data_format="channels_last")
    n.add("conv2d_2", "Conv2D", weights=kernel(3, 3, 4, 4), filters=4, kernel_size=[3, 3],
          padding="valid", activation="relu", use_bias=True, data_format="channels_last")
    n.add("global_max_pooling2d", "GlobalMaxPooling2D", keepdims=False,
          data_format="channels_last")
    n.add("dense", "Dense", weights=kernel(4, 3), units=3, activation="softmax", use_bias=True)
    emit(n, images(8, 8, 2), keras, version=2, layers_name="_layer_checkpoint_dependencies",
         twice=True)


def first():
    """Keras 2 with channels first: flattened channels last all the same."""
    n = Net("first2")
    n.add("input_1", "InputLayer", shape=[2, 7, 6])
    n.add("conv2d", "Conv2D", weights=kernel(3, 3, 2, 4), filters=4, kernel_size=[3, 3],
          strides=[2, 2], padding="same", activation="linear", use_bias=True,
          data_format="channels_first")
    n.add("batch_normalization", "BatchNormalization",
          weights={k: v.reshape(4) for k, v in norm(4).items()}, axis=[1], epsilon=.001,
          center=True, scale=True)
    n.add("activation", "Activation", activation="relu")
    n.add("flatten", "Flatten", data_format="channels_first")
    n.add("dense", "Dense", weights=kernel(48, 3), units=3, activation="softmax", use_bias=True)
    emit(n, images(2, 7, 6), hdf5, version=2, libver="latest")


def operators(version):
    """Functional: images scaled by Python's operators."""
    n = Net(f"operators{version}")
    n.add("input_1", "InputLayer", shape=[4, 4, 3])
    n.add("tf.math.truediv", "TrueDivide", constant=127.5)
    n.add("tf.math.subtract", "Subtract", constant=1.0)
    n.add("conv2d", "Conv2D", weights=kernel(3, 3, 3, 4), filters=4, kernel_size=[3, 3],
          padding="same", activation="relu", use_bias=True, data_format="channels_last")
    n.add("global_average_pooling2d", "GlobalAveragePooling2D", data_format="channels_last")
    n.add("dense", "Dense", weights=kernel(4, 3), units=3, activation="softmax", use_bias=True)
    emit(n, images(4, 4, 3, pixels=True), keras, version=version)


def enlarged():
    """Functional: maps made larger, beside the map of the size before; then sequences."""
    n = Net("enlarged3")
    conv = dict(kernel_size=[3, 3], padding="same", activation="relu", use_bias=True,
                data_format="channels_last")
    n.add("input_layer", "InputLayer", shape=[6, 8, 2])
    n.add("conv2d", "Conv2D", weights=kernel(3, 3, 2, 4), filters=4, **conv)
    n.add("conv2d_1", "Conv2D", weights=kernel(3, 3, 4, 5), filters=5, strides=[2, 2], **conv)
    n.add("up_sampling2d", "UpSampling2D", size=[2, 2], data_format="channels_last",
          interpolation="nearest")
    n.add("concatenate", "Concatenate", ["up_sampling2d", "conv2d"], axis=-1)
    n.add("conv2d_2", "Conv2D", weights=kernel(3, 3, 9, 3), filters=3, **conv)
    n.add("average_pooling2d", "AveragePooling2D", pool_size=[6, 2], strides=[6, 2], padding="valid",
          data_format="channels_last")
    n.add("reshape", "Reshape", target_shape=[4, 3])
    n.add("up_sampling1d", "UpSampling1D", size=3)
    n.add("conv1d", "Conv1D", weights=kernel(3, 3, 4), filters=4, kernel_size=[3], strides=[2],
          padding="same", activation="relu", use_bias=True, data_format="channels_last")
    n.add("flatten", "Flatten", data_format="channels_last")
    n.add("dense", "Dense", weights=kernel(24, 3), units=3, activation="softmax", use_bias=True)
    emit(n, images(6, 8, 2), keras, version=3)


def alone():
    """Weights without the model, as save_weights writes them, and a model's file with a stub of it."""
    n = Net("weights2", sequential=True)
    n.add("conv2d", "Conv2D", weights=kernel(3, 3, 1, 2), filters=2, kernel_size=[3, 3],
          padding="same", activation="linear")
    n.add("batch_normalization", "BatchNormalization", weights=norm(2), axis=[3], epsilon=.001)
    n.add("activation", "Activation", activation="relu")
    n.add("flatten", "Flatten")
    w = {k: f32(v.astype(np.float16)) for k, v in kernel(28 * 28 * 2, 3).items()}
    n.add("dense", "Dense", weights=w, units=3, activation="linear")
    for name, group in (("weights2", ""), ("stub2", "model_weights/")):
        with h5py.File(os.path.join(OUT, name + ".h5"), "w") as h:
            for layer in n.layers:
                for k, v in layer["weights"].items():
                    # Half as long, and the same numbers.
                    h.create_dataset(f"{group}{layer['name']}/{layer['name']}/{k}:0", data=v,
                                     dtype="f2" if layer["name"] == "dense" else "f4")
            if group:
                h.attrs["model_config"] = '{"class_name": "Sequential"}'
                h["optimizer_weights/Adam/iter:0"] = np.int64(100)
            else:
                h.create_group("top_level_model_weights")
    x = images(28, 28, 1)
    np.savez_compressed(os.path.join(OUT, "weights2_expected.npz"), images=x,
                        logits=f32(n.run(x.astype(np.float64))))

    n = Net("dense3", sequential=True)
    n.add("dense", "Dense", weights=kernel(12, 6), activation="relu")
    n.add("dense_1", "Dense", weights=kernel(6, 3), activation="linear")
    with h5py.File(os.path.join(OUT, "dense3.weights.h5"), "w") as h:
        store(h, n, "layers", False)
        h["optimizer/vars/0"] = np.int64(7)
    x = images(12)
    np.savez_compressed(os.path.join(OUT, "dense3_expected.npz"), images=x,
                        logits=f32(n.run(x.astype(np.float64))))


os.makedirs(OUT, exist_ok=True)
for model in (residual, plain, branches, grey, sequence, early, first, alone):
    model()
operators(2)
operators(3)
enlarged()
