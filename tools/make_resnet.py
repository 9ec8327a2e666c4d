#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes residual networks with random weights and realistic firing rates, and images for them.

Speed does not depend on what a network has learnt, only on its shapes and on how often its neurons
fire. So a large network is benchmarked with random weights: He-initialised convolutions, batch norm
statistics measured on noise images, and batch norm shifts solved layer by layer so that the mean
activation over its 99.9 % quantile (what becomes the firing rate) is near --rate in every layer,
different from channel to channel.

    tools/make_resnet.py OUT --arch resnet18            # resnet18.npz, resnet18.json
    tools/make_resnet.py OUT --arch resnet50
    tools/make_resnet.py OUT --arch small --kind separable --blocks 1,2 --width 24 --size 64 --stem 3
    tools/make_resnet.py OUT --images 16                # images224.npz, calibration224.npz
    ./snnsim convert OUT/resnet18.npz --arch OUT/resnet18.json -o OUT/resnet18_i8.snn --precision i8 \\
        --calibration OUT/calibration224.npz --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225

The same options and seed give the same networks on one NumPy version. Needs only NumPy.
"""
import argparse
import json
import os
import sys

import numpy as np

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
PRESETS = {
    'resnet18': dict(kind='basic', blocks=[2, 2, 2, 2], width=64, stem='7', size=224, classes=1000),
    'resnet50': dict(kind='bottleneck', blocks=[3, 4, 6, 3], width=64, stem='7', size=224, classes=1000),
    'small': dict(kind='basic', blocks=[1, 1], width=16, stem='3', size=32, classes=10),
}


def noise_images(count, size, rng):
    """u8 [count, size, size, 3]: noise whose amplitude falls as 1/f, as in photographs."""
    f = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    f[0, 0] = np.inf

    def field():
        spectrum = rng.standard_normal((2,) + f.shape) / f
        x = np.fft.irfft2(spectrum[0] + 1j * spectrum[1], s=(size, size))
        return x / x.std()

    images = np.empty((count, size, size, 3), np.uint8)
    for i in range(count):
        grey = field()  # the colours of a photograph are mostly alike
        contrast = rng.uniform(0.15, 0.3)
        brightness = rng.uniform(0.35, 0.6)
        for c in range(3):
            x = brightness + contrast * (0.9 * grey + 0.4 * field())
            images[i, :, :, c] = np.rint(255 * np.clip(x, 0, 1))
    return images


def conv2d(x, w, stride, pad, groups):
    """x [n, ic, h, w], w [oc, ic / groups, k, k]."""
    n, ic, h, wd = x.shape
    oc, icg, k, _ = w.shape
    oh = (h + 2 * pad - k) // stride + 1
    ow = (wd + 2 * pad - k) // stride + 1
    out = np.empty((n, oc, oh, ow), np.float32)
    for i in range(n):
        p = np.pad(x[i], ((0, 0), (pad, pad), (pad, pad)))
        taps = [p[:, ky:ky + stride * (oh - 1) + 1:stride, kx:kx + stride * (ow - 1) + 1:stride]
                for ky in range(k) for kx in range(k)]
        if groups == ic == oc:
            out[i] = sum(t * w[:, 0, j // k, j % k, None, None] for j, t in enumerate(taps))
            continue
        columns = np.stack(taps, 1).reshape(groups, icg * k * k, oh * ow)
        out[i] = (w.reshape(groups, oc // groups, icg * k * k) @ columns).reshape(oc, oh, ow)
    return out


def max_pool(x, k, stride, pad):
    p = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), constant_values=-np.inf)
    n = (x.shape[2] + 2 * pad - k) // stride + 1
    return np.max([p[:, :, ky:ky + stride * (n - 1) + 1:stride, kx:kx + stride * (n - 1) + 1:stride]
                   for ky in range(k) for kx in range(k)], axis=0)


def firing_rate(x):
    """Mean of rectified values, clipped at their 99.9 % quantile, in units of it."""
    q = np.quantile(x, 0.999)
    return 0.0 if q <= 0 else float(np.clip(x, 0, q).mean() / q)


class Builder:
    """Defines a network node by node and computes it on the calibration images on the way."""

    def __init__(self, name, x, rate, rng):
        self.rng = rng
        self.rate = rate
        self.x = x
        self.graph = dict(schemaVersion=1, name=name, input=list(x.shape[1:]), nodes=[])
        self.tensors = {}
        self.last = 'input'
        self.rates = []

    def node(self, name, op, inputs=None, **fields):
        if inputs is None:
            inputs = [self.last]
        self.graph['nodes'].append(dict(name=name, op=op, inputs=inputs, **fields))
        self.last = name

    def conv_bn(self, name, bn, x, source, oc, k, stride=1, groups=1):
        """Convolution and batch norm of unit variance; returns the result, not yet shifted."""
        ic = x.shape[1]
        fan_in = ic // groups * k * k
        w = self.rng.standard_normal((oc, ic // groups, k, k)).astype(np.float32) * np.float32(np.sqrt(2 / fan_in))
        fields = dict(stride=stride, padding=k // 2, bias=None)
        if groups > 1:
            fields['groups'] = groups
        self.node(name, 'conv2d', [source], **fields)
        self.node(bn, 'batchnorm')
        z = conv2d(x, w, stride, k // 2, groups)
        mean = z.mean((0, 2, 3))
        var = z.var((0, 2, 3)) + np.float32(1e-5)
        gamma = np.exp(0.25 * self.rng.standard_normal(oc)).astype(np.float32)
        beta = (0.3 * self.rng.standard_normal(oc)).astype(np.float32)
        self.tensors.update({name + '.weight': w, bn + '.weight': gamma, bn + '.bias': beta,
                             bn + '.running_mean': mean, bn + '.running_var': var})
        scale = gamma / np.sqrt(var + np.float32(1e-5))
        return z * scale[:, None, None] + (beta - mean * scale)[:, None, None]

    def relu(self, name, bn, x):
        """Shifts the batch norm so that the rectified x fires at a rate near the wanted one."""
        want = self.rate * np.exp(0.2 * self.rng.standard_normal())
        sample = x.ravel()[::max(1, x.size // 200_000)]
        low, high = -4 * sample.std() - sample.mean(), 2 * sample.std() - sample.mean()
        for _ in range(30):
            middle = (low + high) / 2
            if firing_rate(sample + middle) < want:
                low = middle
            else:
                high = middle
        shift = np.float32((low + high) / 2)
        self.tensors[bn + '.bias'] += shift
        self.node(name, 'relu')
        y = np.maximum(x + shift, 0)
        silent = float((y.max((0, 2, 3)) == 0).mean())
        self.rates.append((name, y.shape[1:], firing_rate(y), silent))
        return y

    def stem(self, kind, width):
        x = self.conv_bn('conv1', 'bn1', self.x, 'input', width, 7 if kind == '7' else 3, 2 if kind == '7' else 1)
        self.x = self.relu('relu1', 'bn1', x)
        if kind == '7':
            self.node('maxpool', 'maxpool', kernel=3, stride=2, padding=1)
            self.x = max_pool(self.x, 3, 2, 1)

    def residual(self, name, convs):
        """convs: (oc, k, stride) of the branch; the shortcut is a projection where shapes change."""
        source, x = self.last, self.x
        y = x
        for i, (oc, k, stride) in enumerate(convs, 1):
            y = self.conv_bn(f'{name}.conv{i}', f'{name}.bn{i}', y, self.last, oc, k, stride)
            if i < len(convs):
                y = self.relu(f'{name}.relu{i}', f'{name}.bn{i}', y)
        bn = f'{name}.bn{len(convs)}'
        if x.shape != y.shape:
            stride = int(np.prod([c[2] for c in convs]))
            y = y + self.conv_bn(f'{name}.downsample.0', f'{name}.downsample.1', x, source, y.shape[1], 1, stride)
            shortcut = f'{name}.downsample.1'
        else:
            y = y + x
            shortcut = source
        self.node(f'{name}.add', 'add', [bn, shortcut])
        self.x = self.relu(f'{name}.relu', bn, y)

    def separable(self, name, oc, stride):
        ic = self.x.shape[1]
        y = self.conv_bn(f'{name}.depthwise', f'{name}.bn1', self.x, self.last, ic, 3, stride, ic)
        y = self.relu(f'{name}.relu1', f'{name}.bn1', y)
        y = self.conv_bn(f'{name}.pointwise', f'{name}.bn2', y, self.last, oc, 1)
        self.x = self.relu(f'{name}.relu2', f'{name}.bn2', y)

    def head(self, classes):
        self.node('avgpool', 'globalavgpool')
        self.node('flatten', 'flatten')
        self.node('fc', 'linear')
        features = self.x.mean((2, 3))
        w = self.rng.standard_normal((classes, features.shape[1])) * np.sqrt(2 / features.shape[1])
        self.tensors['fc.weight'] = w.astype(np.float32)
        # Logits that differ by image: without this the mean feature decides alone.
        self.tensors['fc.bias'] = (-(w @ features.mean(0))).astype(np.float32)


def build(name, o, x, rng):
    b = Builder(name, x, o['rate'], rng)
    b.stem(o['stem'], o['width'])
    for stage, blocks in enumerate(o['blocks']):
        c = o['width'] << stage
        for i in range(blocks):
            stride = 2 if stage > 0 and i == 0 else 1
            at = f'layer{stage + 1}.{i}'
            if o['kind'] == 'basic':
                b.residual(at, [(c, 3, stride), (c, 3, 1)])
            elif o['kind'] == 'bottleneck':
                b.residual(at, [(c, 1, 1), (c, 3, stride), (4 * c, 1, 1)])
            else:
                b.separable(at, c, stride)
    b.head(o['classes'])
    return b


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('out', help='folder to write to')
    p.add_argument('--arch', choices=PRESETS, help='what to start from; the options below change it')
    p.add_argument('--name', help='name of the network and its files (the arch)')
    p.add_argument('--kind', choices=['basic', 'bottleneck', 'separable'])
    p.add_argument('--blocks', type=lambda s: [int(x) for x in s.split(',')], help='blocks a stage, as in 2,2,2,2')
    p.add_argument('--width', type=int, help='channels of the first stage')
    p.add_argument('--stem', choices=['7', '3'], help='7: 7x7 stride 2 and max pooling; 3: 3x3')
    p.add_argument('--size', type=int, help='pixels of an image side')
    p.add_argument('--classes', type=int)
    p.add_argument('--rate', type=float, default=0.11, help='mean firing rate over a long run (%(default)s)')
    p.add_argument('--images', type=int, help='write that many test and as many calibration images')
    p.add_argument('--seed', type=int, default=1)
    a = p.parse_args()
    if a.arch is None and a.images is None:
        p.error('expected --arch, --images or both')
    if not 0.005 <= a.rate <= 0.4:
        p.error(f'--rate {a.rate}: expected 0.005..0.4')
    o = dict(PRESETS[a.arch or 'resnet18'])
    o.update({k: v for k, v in vars(a).items() if k in o or k == 'rate' if v is not None})
    os.makedirs(a.out, exist_ok=True)
    if a.images:
        for kind, seed in (('images', a.seed), ('calibration', a.seed + 1000)):
            path = os.path.join(a.out, f'{kind}{o["size"]}.npz')
            np.savez_compressed(path, images=noise_images(a.images, o['size'], np.random.default_rng(seed)))
            print(path)
    if a.arch:
        name = a.name or a.arch
        x = noise_images(4, o['size'], np.random.default_rng(a.seed + 2000)).astype(np.float32) / 255
        x = np.ascontiguousarray(((x - MEAN) / STD).transpose(0, 3, 1, 2))
        b = build(name, o, x, np.random.default_rng(a.seed))
        for layer, shape, rate, silent in b.rates:
            print(f'{layer:20} {"x".join(map(str, shape)):>12}  rate {rate:.3f}  silent channels {100 * silent:.1f} %')
        neurons = [np.prod(s) for _, s, _, _ in b.rates]
        mean = np.average([r for _, _, r, _ in b.rates], weights=neurons)
        print(f'{"mean":20} {sum(neurons):>12}  rate {mean:.3f}')
        path = os.path.join(a.out, name)
        np.savez(path + '.npz', **b.tensors)
        with open(path + '.json', 'w', encoding='utf-8') as f:
            json.dump(b.graph, f, indent=1)
        print(path + '.npz', path + '.json')
    return 0


if __name__ == '__main__':
    sys.exit(main())
