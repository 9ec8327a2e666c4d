#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the small ONNX files that tests read, by PyTorch's exporter and by onnx.helper.

Needs NumPy, PyTorch and onnx (Debian: python3-numpy, python3-torch, python3-onnx); last run with
NumPy 1.24.2, PyTorch 1.13.0, onnx 1.12.0. The files are committed, so the tests need none of them.

    /usr/bin/python3 tools/make_onnx_fixtures.py

Each NAME.onnx in src/test/resources/io/snnsim/dump/onnx has in expected.npz its images NAME.x and
what PyTorch makes of them, NAME.y. Weights are random; only arithmetic and shapes are tested.
"""
import os
import warnings

import numpy as np
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                   "../src/test/resources/io/snnsim/dump/onnx")
expected = {}


def keep(name, images, logits):
    expected[name + ".x"] = images.detach().numpy().astype("f4")
    expected[name + ".y"] = logits.detach().numpy().astype("f4")


def settle(net):
    """Batch norms as after a training, so that folding them wrongly shows."""
    for m in net.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.running_mean.normal_(0, 0.3)
            m.running_var.uniform_(0.5, 2)
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0, 0.3)
    return net.eval()


def export(name, net, shape, opset, **options):
    images = torch.randn(3, *shape)
    settle(net)
    logits = net(images)
    if options.pop("any_batch", True):
        options["dynamic_axes"] = {"image": {0: "n"}, "logits": {0: "n"}}
    torch.onnx.export(net, images, os.path.join(OUT, name + ".onnx"), opset_version=opset,
                      input_names=["image"], output_names=["logits"], **options)
    keep(name, images, net.before_end(images) if hasattr(net, "before_end") else logits)


class Block(nn.Module):
    """A residual block whose shortcut takes every other pixel and adds zero channels."""

    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(o)
        self.conv2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(o)
        self.zeros = (o - i) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.zeros:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.zeros, self.zeros))
        return F.relu(y + x)


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(Block(4, 4, 1))
        self.layer2 = nn.Sequential(Block(4, 8, 2))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x)))))
        x = F.avg_pool2d(x, 4)
        return self.fc(x.view(x.size(0), -1))


class Mobile(nn.Module):
    """Depthwise convolutions, ReLU6, a mean over pixels."""

    def __init__(self):
        super().__init__()

        def pair(i, o, stride):
            return nn.Sequential(
                nn.Conv2d(i, i, 3, stride, 1, groups=i, bias=False), nn.BatchNorm2d(i), nn.ReLU6(),
                nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU6())

        self.features = nn.Sequential(pair(3, 6, 1), pair(6, 8, 2))
        self.classifier = nn.Linear(8, 5)

    def forward(self, x):
        return self.classifier(self.features(x * 3).mean([2, 3]))


class Branches(nn.Module):
    """Normalisation inside, concatenation, odd windows and paddings, batch norm after ReLU."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, (3, 5), 2, padding=(1, 2))
        self.b = nn.Conv2d(3, 2, 3, 2, 1)
        self.bn = nn.BatchNorm2d(6)
        self.c = nn.Conv2d(6, 4, 3)
        self.fc = nn.Linear(4, 5)

    def forward(self, x):
        mean = torch.tensor([0.1, 0.2, 0.3]).view(1, 3, 1, 1)
        std = torch.tensor([0.5, 0.6, 0.7]).view(1, 3, 1, 1)
        x = (x - mean) / std
        x = self.bn(torch.cat([F.relu(self.a(x)), F.relu(self.b(x))], 1))
        x = F.relu(self.c(F.pad(F.relu(x), (1, 2, 0, 1))))
        x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1)) * 2 + 1


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 3, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2))
        self.classifier = nn.Sequential(
            nn.Linear(16, 10), nn.BatchNorm1d(10), nn.ReLU(), nn.Dropout(), nn.Linear(10, 5))

    def before_end(self, x):
        x = self.features(x)
        return self.classifier(x.view(x.shape[0], -1))

    def forward(self, x):
        return torch.softmax(self.before_end(x), 1)


def signal():
    """One dimension."""
    return nn.Sequential(
        nn.Conv1d(2, 4, 5, stride=2, padding=1, dilation=2), nn.BatchNorm1d(4), nn.ReLU(),
        nn.MaxPool1d(3, 2, 1), nn.Conv1d(4, 6, 3, groups=2), nn.ReLU(), nn.AdaptiveAvgPool1d(1),
        nn.Flatten(), nn.Linear(6, 3))


def channels_last():
    """As TensorFlow's networks are exported: channels last outside, float16 weights beside it."""
    images = torch.randn(3, 9, 8, 3)
    conv = torch.randn(4, 3, 3, 3).half()
    dense = torch.randn(5 * 4 * 4, 6).half()
    out = torch.randn(6, 5)
    bias = torch.randn(5)
    x = images.permute(0, 3, 1, 2)
    # SAME_UPPER: 9 rows in steps of 2 need 1 + 1 more, 8 columns 0 + 1.
    x = F.relu(F.conv2d(F.pad(x, (0, 1, 1, 1)), conv.float(), stride=2))
    y = F.relu(x.permute(0, 2, 3, 1).reshape(3, -1) @ dense.float())
    keep("channels_last", images.permute(0, 3, 1, 2), y @ out + bias)

    node = helper.make_node
    nodes = [
        node("Transpose", ["image"], ["t"], perm=[0, 3, 1, 2], name="model/conv/Conv2D__6"),
        node("Cast", ["conv_f16"], ["conv"], to=TensorProto.FLOAT),
        node("Conv", ["t", "conv"], ["c"], auto_pad="SAME_UPPER", strides=[2, 2],
             kernel_shape=[3, 3], name="model/conv/Conv2D"),
        node("Relu", ["c"], ["r"], name="model/conv/Relu"),
        node("Transpose", ["r"], ["back"], perm=[0, 2, 3, 1]),
        node("Shape", ["back"], ["shape"]),
        node("Slice", ["shape", "zero", "one"], ["batch"]),
        node("Concat", ["batch", "rest"], ["flat_shape"], axis=0),
        node("Reshape", ["back", "flat_shape"], ["flat"], name="model/flatten/Reshape"),
        node("Cast", ["dense_f16"], ["dense"], to=TensorProto.FLOAT),
        node("MatMul", ["flat", "dense"], ["d"], name="model/dense/MatMul"),
        node("Relu", ["d"], ["dr"], name="model/dense/Relu"),
        node("MatMul", ["dr", "out"], ["o"], name="model/out/MatMul"),
        node("Add", ["bias", "o"], ["logits"], name="model/out/BiasAdd"),
    ]
    tensors = [
        numpy_helper.from_array(conv.numpy(), "conv_f16"),
        numpy_helper.from_array(dense.numpy(), "dense_f16"),
        numpy_helper.from_array(out.numpy(), "out"),
        helper.make_tensor("bias", TensorProto.FLOAT, [5], bias.numpy()),
        numpy_helper.from_array(np.array([0]), "zero"),
        numpy_helper.from_array(np.array([1]), "one"),
        numpy_helper.from_array(np.array([-1]), "rest"),
    ]
    graph = helper.make_graph(
        nodes, "tf2onnx",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 9, 8, 3])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 5])], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)])
    onnx.checker.check_model(model)
    onnx.save_model(model, os.path.join(OUT, "channels_last.onnx"), save_as_external_data=True,
                    location="channels_last.onnx.data", size_threshold=64)


def main():
    warnings.filterwarnings("ignore")
    torch.manual_seed(15)
    os.makedirs(OUT, exist_ok=True)
    stale = os.path.join(OUT, "channels_last.onnx.data")
    if os.path.exists(stale):
        os.remove(stale)  # It would be appended to.
    export("resnet", ResNet(), (3, 8, 8), 13, do_constant_folding=False,
           training=torch.onnx.TrainingMode.PRESERVE)
    export("mobile", Mobile(), (3, 8, 8), 11)
    export("branches", Branches(), (3, 17, 16), 9)
    export("lenet", LeNet(), (1, 12, 12), 17)
    export("signal", signal(), (2, 40), 12, any_batch=False)
    channels_last()
    np.savez(os.path.join(OUT, "expected.npz"), **expected)


main()
