#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the small files that the tests of the dump readers read: by real NumPy, h5py and PyTorch.

Needs NumPy, h5py and PyTorch (Debian: python3-numpy, python3-h5py, python3-torch); last run with
NumPy 1.24.2, h5py 3.7.0, PyTorch 1.13.0. The files are committed, so the tests need none of them.

    /usr/bin/python3 tools/make_fixtures.py

Everything goes to src/test/resources/io/snnsim/dump, and a graph to weights, the same bytes on every
run but for the times in latest.h5. `operators.json` there is an input: this
script computes every node of it with torch.nn.functional, by docs/schema/graph.md.
"""
import json
import os

import h5py
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                   "../src/test/resources/io/snnsim/dump")


def path(name):
    return os.path.join(OUT, name)


def numpy_files():
    """Every type in both byte orders and both layouts; expected values are a formula in the test."""
    arrays = {}
    for code in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1".split():
        for order, mark in (("le", "<"), ("be", ">")):
            a = np.arange(24).reshape(2, 3, 4) * 5
            if code[0] in "if":
                a = a - 37
            if code[0] == "f":
                a = a / 8
            if code == "b1":
                a = a % 2
            a = a.astype(mark + code)
            if code[0] in "iu":
                info = np.iinfo(code)
                a[1, 2, 2], a[1, 2, 3] = info.min, info.max
            arrays[f"{code}_{order}_c"] = a
            arrays[f"{code}_{order}_f"] = np.asfortranarray(a)
    np.savez_compressed(path("types.npz"), **arrays)

    np.savez(path("stored.npz"), single=np.float32(2.5), empty=np.zeros((0, 3), "f4"),
             empty_late=np.zeros((4, 0), "<i8"), row=np.asfortranarray(np.arange(5, dtype="i4")),
             sliced=np.arange(20, dtype="f8").reshape(4, 5)[::2, ::-2])

    for version in (1, 2, 3):
        with open(path(f"version{version}.npy"), "wb") as f:
            np.lib.format.write_array(f, np.arange(6, dtype="<f4").reshape(2, 3),
                                      version=(version, 0))

    np.savez(path("refused.npz"), allow_pickle=True,
             object=np.array([{"a": 1}, None], dtype=object),
             structured=np.zeros(2, dtype=[("a", "f4"), ("b", "O")]),
             text=np.array(["a", "bc"]), bytes=np.array([b"a"]), complex=np.zeros(2, "c8"),
             date=np.array(["2020-01-01"], dtype="M8[D]"), long=np.zeros(1, "longdouble"),
             void=np.zeros(2, "V2"))


def tensors(seed):
    r = np.random.default_rng(seed)
    return {"a.weight": r.standard_normal((5, 7)).astype("f4"),
            "a.bias": r.standard_normal(5).astype("f4"),
            "deep.er.conv.weight": r.standard_normal((4, 3, 3, 2)).astype("f4")}


def hdf5_files():
    """The same tensors in every layout, filter, type and file version, and as npz."""
    t = tensors(1)
    np.savez(path("tensors.npz"), **t)

    def write(name, how, libver="earliest", prefix="", cast=None, extra=()):
        with h5py.File(path(name), "w", libver=libver) as f:
            for k, v in t.items():
                f.create_dataset(prefix + k.replace(".", "/"),
                                 data=v if cast is None else v.astype(cast), **how(v))
            for k, v in extra:
                f[k] = v

    def chunks(v):
        return tuple(max(1, d // 2) for d in v.shape)

    write("contiguous.h5", lambda v: {})
    write("latest.h5", lambda v: {"chunks": chunks(v), "compression": "gzip"}, "latest")
    write("chunked.h5", lambda v: {"chunks": chunks(v)})
    write("gzip.h5", lambda v: {"chunks": chunks(v), "compression": "gzip"})
    write("filters.h5", lambda v: {"chunks": chunks(v), "compression": "gzip", "shuffle": True,
                                   "fletcher32": True})
    write("lzf.h5", lambda v: {"chunks": chunks(v), "compression": "lzf"})
    write("big_endian.h5", lambda v: {}, cast=">f4")
    write("double.h5", lambda v: {}, cast="f8")
    write("half.h5", lambda v: {}, cast="f2")
    write("module.h5", lambda v: {}, prefix="module.", extra=[
        ("module.bn/num_batches_tracked", np.int64(7)),
        ("module.deep/bn/num_batches_tracked", np.array([3]))])
    with h5py.File(path("module.h5"), "a") as f:
        # The usual writer of DataParallel nets: `module` is a group of its own.
        f.create_group("module")
        for k in list(f):
            if k.startswith("module."):
                f.move(k, "module/" + k[len("module."):])
    with h5py.File(path("compact.h5"), "w") as f:
        for k, v in t.items():
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_layout(h5py.h5d.COMPACT)
            plist.set_obj_track_times(False)
            links = h5py.h5p.create(h5py.h5p.LINK_CREATE)
            links.set_create_intermediate_group(True)
            d = h5py.h5d.create(f.id, k.replace(".", "/").encode(), h5py.h5t.IEEE_F32LE,
                                h5py.h5s.create_simple(v.shape), plist, links)
            d.write(h5py.h5s.ALL, h5py.h5s.ALL, v)

    # What must be refused, one a file, since a reader stops at the first.
    def refused(name, fill):
        with h5py.File(path(f"refused_{name}.h5"), "w", libver="earliest") as f:
            f["a/weight"] = t["a.weight"]
            fill(f)

    nan = t["a.bias"].copy()
    nan[3] = np.nan
    refused("nan", lambda f: f.create_dataset("a/bias", data=nan))
    refused("integer", lambda f: f.create_dataset("a/bias", data=np.arange(5)))
    refused("text", lambda f: f.create_dataset("a/bias", data="five"))
    refused("bool", lambda f: f.create_dataset("a/bias", data=np.array([True, False])))
    refused("compound", lambda f: f.create_dataset("a/bias", data=np.zeros(2, "c8")))
    refused("huge", lambda f: f.create_dataset("a/bias", (1 << 20, 1 << 12), "f4", chunks=(9, 9)))
    refused("unwritten", lambda f: f.create_dataset("a/bias", (5,), "f4"))
    refused("null", lambda f: f.create_dataset("a/bias", data=h5py.Empty("f4")))
    refused("filter", lambda f: f.create_dataset("a/bias", data=np.arange(8, dtype="f4"),
                                                 chunks=(4,), scaleoffset=3))
    refused("soft_link", lambda f: f.__setitem__("a/bias", h5py.SoftLink("/a/weight")))
    refused("external_link", lambda f: f.__setitem__("a/bias", h5py.ExternalLink("x.h5", "/a")))
    refused("circle", lambda f: f["a"].__setitem__("self", f["a"]))
    refused("same_name", lambda f: f.create_dataset("a.weight", data=t["a.weight"]))
    def two_bytes(exponent, mantissa):
        kind = h5py.h5t.IEEE_F32LE.copy()
        kind.set_fields(15, mantissa, exponent, 0, mantissa)
        kind.set_size(2)
        kind.set_ebias((1 << exponent - 1) - 1)
        return kind

    timeless = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    timeless.set_obj_track_times(False)
    refused("minifloat", lambda f: h5py.h5d.create(f["a"].id, b"bias", two_bytes(6, 9),
                                                   h5py.h5s.create_simple((5,)), timeless))
    refused("raw_bfloat16", lambda f: f.create_dataset(
        "a/bias", data=(t["a.bias"].view("u4") >> 16).astype("u2").view("V2")))
    with h5py.File(path("bfloat16.h5"), "w", libver="earliest") as f:
        f.create_group("a")
        d = h5py.h5d.create(f["a"].id, b"bias", two_bytes(8, 7), h5py.h5s.create_simple((5,)),
                            timeless)
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, t["a.bias"])
    with h5py.File(path("refused_nir.h5"), "w") as f:
        f["version"] = "0.1.1"
        f["node/type"] = "NIRGraph"
        f.create_dataset("node/edges", data=np.array([["input", "output"]], dtype=object),
                         dtype=h5py.string_dtype())
    with h5py.File(path("refused_empty.h5"), "w") as f:
        f.create_group("nothing")


def run_graph(graph, w, x):
    """Every node of a graph file by torch.nn.functional."""
    values = {"input": x}
    before = "input"
    for n in graph["nodes"]:
        name, op = n["name"], n["op"]
        inputs = [values[i] for i in n.get("inputs", [before])]
        v = inputs[0]

        def tensor(field, default):
            return None if field in n and n[field] is None else w.get(n.get(field, default))

        weight, bias = tensor("weight", name + ".weight"), tensor("bias", name + ".bias")
        window = {k: n[k] for k in ("stride", "padding", "dilation") if k in n}
        if len(np.atleast_1d(window.get("padding", 0))) == 4:
            top, bottom, left, right = window.pop("padding")
            v = F.pad(v, (left, right, top, bottom), value=-np.inf if op == "maxpool" else 0)
        if op == "conv2d":
            y = F.conv2d(v, weight, bias, groups=n.get("groups", 1), **window)
        elif op == "linear":
            y = F.linear(v.flatten(1), weight, bias)[:, :, None, None]
        elif op == "batchnorm":
            y = F.batch_norm(v, tensor("mean", name + ".running_mean"),
                             tensor("var", name + ".running_var"), weight, bias, False, 0,
                             n.get("eps", 1e-5))
        elif op == "relu":
            y = torch.clamp(v, 0, n.get("most", np.inf))
        elif op == "relu6":
            y = F.relu6(v)
        elif op == "concat":
            y = torch.cat(inputs, 1)
        elif op == "avgpool":
            y = F.avg_pool2d(v, n["kernel"], **window)
        elif op == "maxpool":
            y = F.max_pool2d(v, n["kernel"], **window)
        elif op == "globalavgpool":
            y = v.mean((2, 3), keepdim=True)
        elif op == "flatten":
            y = v.flatten(1)[:, :, None, None]
        elif op == "add":
            y = sum(inputs)
        elif op == "upsample":
            y = F.interpolate(v, scale_factor=n["factor"], mode="nearest")
        elif op == "identity":
            y = v
        elif op == "zeropad-shortcut":
            s = n["stride"]
            y = F.pad(v[:, :, ::s, ::s], (0, 0, 0, 0, n["channelsBefore"], n["channelsAfter"]))
        values[name] = y
        before = name
    return values


def operators():
    with open(path("operators.json")) as f:
        graph = json.load(f)
    r = np.random.default_rng(2)

    def weight(*shape):
        return (r.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype("f4")

    def norm(c, names):
        g, b, m, v = names
        return {g: r.uniform(0.5, 1.5, c).astype("f4"), b: r.normal(0, 0.3, c).astype("f4"),
                m: r.normal(0, 0.3, c).astype("f4"), v: r.uniform(0.3, 2, c).astype("f4")}

    def bn(c, name):
        return norm(c, [f"{name}.{k}" for k in ("weight", "bias", "running_mean", "running_var")])

    w = {"stem.weight": weight(6, 3, 3, 2), "stem.bias": weight(6), **bn(6, "stem_bn"),
         "grouped.weight": weight(6, 3, 3, 3), **bn(6, "grouped_bn"),
         "depthwise.weight": weight(6, 1, 3, 3), "depthwise.bias": weight(6),
         "pw.kernel": weight(10, 6, 1, 1), "pw.offset": weight(10),
         **norm(10, ["pw.gamma", "pw.beta", "pw.mean", "pw.var"]),
         "projection.weight": weight(10, 6, 1, 1), **bn(10, "projection_bn"),
         "corner.weight": weight(3, 10, 2, 3),
         "narrow.weight": weight(5, 13, 1, 1), "narrow.bias": weight(5),
         "hidden.bias": weight(5), **bn(5, "hidden_bn"), "logits.weight": weight(4, 5)}
    x = r.standard_normal((2, *graph["input"])).astype("f4")
    # The width of the flattened map is what PyTorch makes it.
    t = {k: torch.from_numpy(v) for k, v in w.items()}
    partial = dict(graph, nodes=graph["nodes"][:[n["name"] for n in graph["nodes"]].index("hidden")])
    w["hidden.weight"] = weight(5, run_graph(partial, t, torch.from_numpy(x))["flat"].shape[1])
    t = {k: torch.from_numpy(v) for k, v in w.items()}
    values = run_graph(graph, t, torch.from_numpy(x))
    np.savez_compressed(path("operators.npz"), **w)
    np.savez_compressed(path("operators_expected.npz"), **{k: v.numpy() for k, v in values.items()})


class Block(nn.Module):
    def __init__(self, inputs, planes, stride, option):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.pad = planes // 4
        self.same = stride == 1 and inputs == planes
        if not self.same and option != "A":
            setattr(self, option, nn.Sequential(nn.Conv2d(inputs, planes, 1, stride, bias=False),
                                                nn.BatchNorm2d(planes)))
        self.option = option

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.same:
            s = x
        elif self.option == "A":
            s = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        else:
            s = getattr(self, self.option)(x)
        return F.relu(y + s)


class ResNet(nn.Module):
    def __init__(self, n, widths, option, head, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        inputs = widths[0]
        for stage, planes in enumerate(widths, 1):
            blocks = []
            for k in range(n):
                blocks.append(Block(inputs, planes, 2 if stage > 1 and k == 0 else 1, option))
                inputs = planes
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.head = head
        setattr(self, head, nn.Linear(inputs, classes))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x))).mean((2, 3))
        return getattr(self, self.head)(x)


def resnet(name, n, widths, option, head, channels, classes, seed):
    torch.manual_seed(seed)
    net = ResNet(n, widths, option, head, channels, classes).eval()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0, 0.3)
            nn.init.normal_(m.running_mean, 0, 0.3)
            nn.init.uniform_(m.running_var, 0.3, 2)
    side = 28 if channels == 1 else 32
    images = torch.randint(0, 256, (2, side, side, channels), dtype=torch.uint8)
    with torch.no_grad():
        logits = net(images.permute(0, 3, 1, 2).float() / 255)
    np.savez_compressed(path(f"{name}.npz"), **{k: v.numpy() for k, v in net.state_dict().items()})
    np.savez_compressed(path(f"{name}_expected.npz"), images=images.numpy(), logits=logits.numpy())


class Bottleneck(nn.Module):
    def __init__(self, inputs, middle, planes, stride, groups):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, middle, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(middle)
        self.conv2 = nn.Conv2d(middle, middle, 3, stride, 1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(middle)
        self.conv3 = nn.Conv2d(middle, planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or inputs != planes:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Stages(nn.Module):
    """ResNets of four stages: basic blocks on small images, or bottlenecks behind torchvision's stem."""

    def __init__(self, blocks, widths, groups, classes):
        super().__init__()
        self.large = groups > 0
        self.conv1 = nn.Conv2d(3, widths[0], 7 if self.large else 3, 2 if self.large else 1,
                               3 if self.large else 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        inputs = widths[0]
        for stage, (n, planes) in enumerate(zip(blocks, widths), 1):
            layers = []
            for k in range(n):
                stride = 2 if stage > 1 and k == 0 else 1
                if self.large:
                    layers.append(Bottleneck(inputs, planes, 2 * planes, stride, groups))
                    inputs = 2 * planes
                else:
                    layers.append(Block(inputs, planes, stride, "shortcut"))
                    inputs = planes
            setattr(self, f"layer{stage}", nn.Sequential(*layers))
        self.head = "fc" if self.large else "linear"
        setattr(self, self.head, nn.Linear(inputs, classes))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.large:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return getattr(self, self.head)(x.mean((2, 3)))


class Vgg(nn.Module):
    """As torchvision lays it out: pools have places in `features` but no tensors."""

    def __init__(self, plan, norm, side, hidden, classes):
        super().__init__()
        layers = []
        inputs = 3
        for width in plan:
            if width == "M":
                layers.append(nn.MaxPool2d(2))
                continue
            layers.append(nn.Conv2d(inputs, width, 3, padding=1))
            layers += [nn.BatchNorm2d(width)] * norm + [nn.ReLU()]
            inputs = width
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(side)
        flat = inputs * side * side
        self.classifier = nn.Linear(flat, classes) if not hidden else nn.Sequential(
            nn.Linear(flat, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(),
            nn.Linear(hidden, classes))

    def forward(self, x):
        return self.classifier(self.pool(self.features(x)).flatten(1))


def norm_relu(conv):
    return nn.Sequential(conv, nn.BatchNorm2d(conv.out_channels), nn.ReLU())


class MobileNet(nn.Module):
    """Of version 1, for images of any size (`model.N.N`, `fc`) or small ones (`layers.N.conv1`, `linear`)."""

    def __init__(self, widths, large, classes):
        super().__init__()
        self.large = large
        stem = nn.Conv2d(3, widths[0], 3, 2 if large else 1, 1, bias=False)
        blocks = []
        for k, (i, o) in enumerate(zip(widths, widths[1:])):
            deep = nn.Conv2d(i, i, 3, 2 if k > 0 and o > i else 1, 1, groups=i, bias=False)
            point = nn.Conv2d(i, o, 1, bias=False)
            blocks.append(nn.Sequential(*norm_relu(deep), *norm_relu(point)) if large else Separable(deep, point))
        if large:
            self.model = nn.Sequential(norm_relu(stem), *blocks)
            self.fc = nn.Linear(widths[-1], classes)
        else:
            self.conv1, self.bn1 = stem, nn.BatchNorm2d(widths[0])
            self.layers = nn.Sequential(*blocks)
            self.linear = nn.Linear(widths[-1], classes)

    def forward(self, x):
        x = self.model(x) if self.large else self.layers(F.relu(self.bn1(self.conv1(x))))
        return (self.fc if self.large else self.linear)(x.mean((2, 3)))


class Separable(nn.Module):
    def __init__(self, deep, point):
        super().__init__()
        self.conv1, self.bn1 = deep, nn.BatchNorm2d(deep.out_channels)
        self.conv2, self.bn2 = point, nn.BatchNorm2d(point.out_channels)

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


def family(name, net, shape, seed):
    torch.manual_seed(seed)
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0, 0.3)
            nn.init.normal_(m.running_mean, 0, 0.3)
            nn.init.uniform_(m.running_var, 0.3, 2)
        elif isinstance(m, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(m.weight)
    net.eval()
    x = torch.rand((2, *shape))
    np.savez_compressed(path(f"{name}.npz"), **{k: v.numpy() for k, v in net.state_dict().items()})
    np.savez_compressed(path(f"{name}_expected.npz"), images=x.numpy(), logits=net(x).numpy())


def families():
    torch.manual_seed(10)
    family("resnet18_small", Stages((2, 2, 2, 2), (2, 3, 4, 6), 0, 5), (3, 32, 32), 11)
    family("resnext_small", Stages((1, 2, 1, 1), (2, 4, 4, 6), 2, 5), (3, 64, 96), 12)
    family("vgg_norm", Vgg((3, "M", 4, 4, "M", 5, "M"), True, 2, 6, 5), (3, 32, 32), 13)
    family("vgg_plain", Vgg((3, 4, "M", 5, "M"), False, 1, 0, 5), (3, 4, 4), 14)
    mlp = nn.Sequential(nn.Flatten(), nn.Linear(30, 12), nn.ReLU(), nn.Linear(12, 7), nn.ReLU(), nn.Linear(7, 5))
    family("mlp", mlp, (1, 5, 6), 15)
    # More than ten blocks, whose names HDF5 and npz may sort.
    family("mobilenet_large", MobileNet((2, 4, 6, 6, 8, 8, 8, 8, 8, 8, 8, 8, 8, 10), True, 5), (3, 64, 96), 16)
    family("mobilenet_small", MobileNet((3, 4, 6, 6, 8), False, 5), (3, 32, 32), 17)


TEXT = h5py.string_dtype()


def nir_node(group, name, kind, **fields):
    g = group.create_group(f"nodes/{name}")
    g.create_dataset("type", data=kind, dtype=TEXT)
    for k, v in fields.items():
        g.create_dataset(k, data=v, **({"dtype": TEXT} if isinstance(v, str) else {}))
    return g


def nir_graph(group, *edges):
    if "type" not in group:
        group.create_dataset("type", data="NIRGraph", dtype=TEXT)
    group.create_dataset("edges", data=np.array(edges, dtype=object), dtype=TEXT)


def nir():
    """A graph of integrate-and-fire neurons with a graph within it, and the rates that it settles at."""
    r = np.random.default_rng(21)

    def weight(*shape):
        return (r.standard_normal(shape) * 1.5 / np.sqrt(np.prod(shape[1:]))).astype("f4")

    w1, b1, w2, b2 = weight(3, 2, 3, 3), weight(3), weight(3, 1, 3, 3), weight(3)
    w3, w4, b4 = weight(5, 27), weight(4, 5), weight(4)
    threshold = np.repeat(np.float32([0.5, 1.5, 0.75]), 36)
    gain = np.float32([0.5, 1.5, 0.75])
    with h5py.File(path("rates.nir"), "w") as f:
        f.create_dataset("version", data="1.0.6", dtype=TEXT)
        f.create_dataset("node/type", data="NIRGraph", dtype=TEXT)
        root = f["node"]
        nir_node(root, "input", "Input", shape=np.array([2, 6, 6]))
        nir_node(root, "0", "Conv2d", weight=w1, bias=b1, stride=np.array([1, 1]), padding="same",
             dilation=np.array([1, 1]), groups=1, input_shape=np.array([6, 6]))
        nir_node(root, "1", "IF", r=np.float32(1), v_threshold=threshold.reshape(3, 6, 6), v_reset=np.zeros((3, 6, 6)))
        inner = nir_node(root, "block", "NIRGraph")
        nir_node(inner, "in", "Input", shape=np.array([3, 6, 6]))
        nir_node(inner, "conv", "Conv2d", weight=w2, bias=b2, stride=1, padding=np.array([1, 1]),
             dilation=1, groups=3, input_shape=np.array([6, 6]))
        nir_node(inner, "out", "Output", shape=np.array([3, 6, 6]))
        nir_graph(inner, ("in", "conv"), ("conv", "out"))
        nir_node(root, "2", "IF", r=np.full(1, 2, "f4"), v_threshold=np.ones(1, "f4"))
        nir_node(root, "3", "SumPool2d", kernel_size=np.array([2, 2]), stride=np.array([2, 2]), padding=np.array([0, 0]))
        nir_node(root, "4", "Flatten", start_dim=1, end_dim=-1, input_type=np.array([3, 3, 3]))
        nir_node(root, "5", "Linear", weight=w3)
        nir_node(root, "6", "IF", r=np.ones(5, "f4"), v_threshold=np.full(5, 1.25, "f4"))
        nir_node(root, "7", "Scale", scale=np.full(5, 0.5, "f4"))
        nir_node(root, "8", "Affine", weight=w4, bias=b4)
        nir_node(root, "output", "Output", shape=np.array([4]))
        # The second population reads the first and what the graph makes of it.
        nir_graph(root, ("input", "0"), ("0", "1"), ("1", "block"), ("block", "2"), ("1", "2"), ("2", "3"),
              ("3", "4"), ("4", "5"), ("5", "6"), ("6", "7"), ("7", "8"), ("8", "output"))
    ones = np.ones(2, "f4")
    for name, kind, fields, edges in (
            ("refused_leak", "LIF", {"tau": ones, "r": ones, "v_leak": 0 * ones, "v_threshold": ones}, ()),
            ("refused_reset", "IF", {"r": ones, "v_threshold": ones, "v_reset": -ones}, ()),
            ("refused_loop", "IF", {"r": ones, "v_threshold": ones}, (("a", "a"),)),
            ("refused_edge", "IF", {"r": ones, "v_threshold": ones}, (("a", "b"),)),
            ("refused_threshold", "IF", {"r": ones, "v_threshold": 0 * ones}, ()),
            ("refused_nothing", "IF", {"r": ones, "v_threshold": ones[:0]}, ())):
        with h5py.File(path(name + ".nir"), "w") as f:
            root = f.create_group("node")
            nir_node(root, "in", "Input", shape=np.array([2]))
            nir_node(root, "a", kind, **fields)
            nir_node(root, "out", "Output", shape=np.array([2]))
            nir_graph(root, ("in", "a"), ("a", "out"), *edges)
    t = torch.from_numpy
    x = torch.from_numpy(r.random((2, 2, 6, 6)).astype("f4"))
    y = torch.clamp(F.conv2d(x, t(w1), t(b1), padding=1) / t(gain).reshape(1, 3, 1, 1), 0, 1)
    y = torch.clamp(2 * (F.conv2d(y, t(w2), t(b2), padding=1, groups=3) + y), 0, 1)
    y = torch.clamp(F.linear(4 * F.avg_pool2d(y, 2).flatten(1), t(w3)) / 1.25, 0, 1)
    np.savez_compressed(path("rates_expected.npz"), images=x.numpy(), logits=F.linear(0.5 * y, t(w4), t(b4)).numpy())


def simulated():
    """The graph that docs/guide/nir.md simulates: leaky neurons that hear each other, weights by chance."""
    r = np.random.default_rng(22)
    ones = np.ones(16, "f4")
    out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../weights/recurrent_lif.nir")
    with h5py.File(out, "w") as f:
        f.create_dataset("version", data="1.0.6", dtype=TEXT)
        root = f.create_group("node")
        root.create_dataset("metadata/dt", data=np.float32(1e-3))
        nir_node(root, "input", "Input", shape=np.array([1, 28, 28]))
        nir_node(root, "pool", "SumPool2d", kernel_size=np.array([4, 4]), stride=np.array([4, 4]),
                 padding=np.array([0, 0]))
        nir_node(root, "flat", "Flatten", start_dim=0, end_dim=-1, input_type=np.array([1, 7, 7]))
        nir_node(root, "fc", "Affine", weight=(r.standard_normal((16, 49)) * 0.1).astype("f4"),
                 bias=np.full(16, 0.1, "f4"))
        nir_node(root, "lif", "LIF", tau=0.01 * ones, r=ones, v_leak=0 * ones, v_threshold=0.3 * ones)
        nir_node(root, "rec", "Linear", weight=(r.standard_normal((16, 16)) * 0.3).astype("f4"))
        nir_node(root, "out", "Linear", weight=(r.standard_normal((10, 16)) * 0.5).astype("f4"))
        nir_node(root, "li", "LI", tau=np.full(10, 0.02, "f4"), r=np.ones(10, "f4"), v_leak=np.zeros(10, "f4"))
        nir_node(root, "output", "Output", shape=np.array([10]))
        nir_graph(root, ("input", "pool"), ("pool", "flat"), ("flat", "fc"), ("fc", "lif"), ("lif", "rec"),
                  ("rec", "lif"), ("lif", "out"), ("out", "li"), ("li", "output"))


def main():
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    os.makedirs(OUT, exist_ok=True)
    numpy_files()
    hdf5_files()
    operators()
    resnet("resnet14_a", 2, (2, 4, 8), "A", "linear", 3, 10, 3)
    resnet("resnet8_b", 1, (3, 5, 6), "shortcut", "linear", 3, 7, 4)
    resnet("resnet8_torchvision_names", 1, (2, 4, 8), "downsample", "fc", 3, 10, 5)
    families()
    nir()
    simulated()
    resnet("resnet8_mnist", 1, (2, 4, 8), "A", "linear", 1, 10, 6)


if __name__ == "__main__":
    main()
