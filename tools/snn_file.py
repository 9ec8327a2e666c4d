#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads .snn model files (native-layout/README.md) with NumPy. For scripts; `snnsim verify` checks more.

    tools/snn_file.py MODEL.snn IMAGE STEPS

runs an image through a network of few-spike neurons and prints what native-layout/snn_run.c prints.
"""
import struct
import sys
from dataclasses import dataclass

import numpy as np

MODELS = ('if', 'max_gate', 'signed_if', 'few_spike', 'max_race')
VERSION_OF_MODEL = (1, 1, 2, 3, 3)
MOST_STEPS = 10
GEOMETRY = ('ic', 'ih', 'iw', 'oc', 'oh', 'ow', 'kh', 'kw', 'sh', 'sw', 'ph', 'pw', 'dh', 'dw', 'groups')


@dataclass
class Population:
    name: str
    shape: tuple  # channels, height, width
    model: str  # of MODELS
    steps: int  # K of few_spike and max_race, else 0
    wide: bool  # V in 32 bits, else 16
    bounds: tuple  # of one step's input sum
    theta: np.ndarray
    v0: np.ndarray
    bias: np.ndarray
    lam: np.ndarray

    @property
    def gate(self):
        return self.model in ('max_gate', 'max_race')


@dataclass
class Projection:
    name: str
    kind: str  # conv, channelwise or gate
    source: int
    target: int
    offset: int  # channels before those of a channelwise projection's source
    g: dict  # GEOMETRY
    weights: np.ndarray  # conv OIHW, channelwise [source channel, kh, kw]


@dataclass
class Analog:
    name: str
    target: int
    low: int
    high: int
    g: dict
    weights: np.ndarray  # f32 OIHW
    bias: np.ndarray


@dataclass
class Network:
    name: str
    precision: str
    output: int
    populations: list
    projections: list
    image: tuple
    mean: np.ndarray
    std: np.ndarray
    analog: list

    @property
    def steps(self):
        """K of a network of few-spike neurons, else 0."""
        return self.populations[self.output].steps


def read(path):
    with open(path, 'rb') as f:
        data = f.read()
    if data[:8] != b'\x89SNN\r\n\x1a\n':
        raise ValueError(f'{path}: found another magic, expected a .snn model file')
    version, _, size, count, _, table = struct.unpack_from('<IIQIIQ', data, 8)
    if not 1 <= version <= 4 or size != len(data):
        raise ValueError(f'{path}: found version {version} and {len(data)} bytes, expected version 1..4 and {size} bytes')
    sections = {}
    for i in range(count):
        kind, index, offset, length = struct.unpack_from('<IIQQ', data, table + 64 * i)
        sections[kind, index] = data[offset:offset + length]

    def name(record, at):
        offset, length = struct.unpack_from('<II', record, at)
        return sections[1, 0][offset:offset + length].decode('utf-8')

    head = sections[2, 0]
    precision, output, populations, projections = struct.unpack_from('<IIII', head, 8)
    net = Network(name(head, 0), ('i8', 'i16', 'i32')[precision], output, [], [], None, None, None, [])
    channels = sections[5, 0]
    for i in range(populations):
        r = sections[3, 0][64 * i:64 * i + 64]
        c, h, w, model, bits, parameter = struct.unpack_from('<6I', r, 8)
        if model >= len(MODELS) or version < VERSION_OF_MODEL[model]:
            raise ValueError(f'{path}: found neuron model {model} in a file of version {version}')
        steps = parameter if VERSION_OF_MODEL[model] == 3 else 0
        if VERSION_OF_MODEL[model] == 3 and not 1 <= steps <= MOST_STEPS:
            raise ValueError(f'{path}: found a code of {steps} steps, expected 1..{MOST_STEPS}')
        at, low, high = struct.unpack_from('<Qqq', r, 32)
        values = np.frombuffer(channels, '<i4', 4 * c, at).reshape(4, c)
        net.populations.append(Population(name(r, 0), (c, h, w), MODELS[model], steps, bits == 32, (low, high),
                                          values[0], values[1], values[2], values[3].view('<f4')))
    for i in range(projections):
        r = sections[4, 0][128 * i:128 * i + 128]
        kind, source, target, weight_bytes, offset = struct.unpack_from('<IIIII', r, 8)
        g = dict(zip(GEOMETRY, struct.unpack_from('<15I', r, 32)))
        w = None
        if kind == 0:
            w = unpack(sections[6, i], g, weight_bytes, net.populations[target].wide)
        elif kind == 1:
            w = np.frombuffer(sections[6, i], '<i4').reshape(g['ic'], g['kh'], g['kw'])
        net.projections.append(Projection(name(r, 0), ('conv', 'channelwise', 'gate')[kind], source, target, offset, g, w))
    r = sections[7, 0]
    c, h, w, n = struct.unpack_from('<IIII', r, 0)
    net.image = (c, h, w)
    net.mean = np.frombuffer(r, '<f4', c, 16)
    net.std = np.frombuffer(r, '<f4', c, 16 + 4 * c)
    at = (16 + 8 * c + 63) // 64 * 64
    for i in range(n):
        a = r[at + 128 * i:at + 128 * i + 128]
        target, low, high = struct.unpack_from('<Iii', a, 8)
        g = dict(zip(GEOMETRY, struct.unpack_from('<15I', a, 32)))
        values = np.frombuffer(sections[8, i], '<f4')
        weights = values[:-g['oc']].reshape(g['oc'], g['ic'] // g['groups'], g['kh'], g['kw'])
        net.analog.append(Analog(name(a, 0), target, low, high, g, weights, values[-g['oc']:]))
    if any(p.steps != net.steps for p in net.populations):
        raise ValueError(f'{path}: found codes of {sorted({p.steps for p in net.populations})} steps, expected one')
    return net


def unpack(section, g, weight_bytes, wide):
    """From [block][ky][kx][ic][lane] to OIHW."""
    oc, per_in, per_out = g['oc'], g['ic'] // g['groups'], g['oc'] // g['groups']
    granule = 16 if wide else 32
    values = np.frombuffer(section, f'<i{weight_bytes}')
    w = np.empty((oc, per_in, g['kh'], g['kw']), values.dtype)
    at = 0
    for first in range(0, oc, 64):
        last = min(oc, first + 64)
        lanes = (last - first + granule - 1) // granule * granule
        start = first // per_out * per_in
        count = ((last - 1) // per_out + 1) * per_in - start
        n = g['kh'] * g['kw'] * count * lanes
        block = values[at:at + n].reshape(g['kh'], g['kw'], count, lanes)
        at += n
        for c in range(first, last):
            i = c // per_out * per_in - start
            w[c] = block[:, :, i:i + per_in, c - first].transpose(2, 0, 1)
    return w


def currents(net, image):
    """The integer currents of an image [c, h, w] (u8 / 255): {population: [c, h, w]}, biases included.

    float32 with taps in the order ky, kx, ic and separate multiply and add, as specified.
    """
    x = (image.astype(np.float32) - net.mean[:, None, None]) / net.std[:, None, None]
    sums = {}
    for a in net.analog:
        g = a.g
        per_in, per_out = g['ic'] // g['groups'], g['oc'] // g['groups']
        p = np.pad(x, around(g))
        first = np.arange(g['oc']) // per_out * per_in
        s = np.repeat(a.bias, g['oh'] * g['ow']).reshape(g['oc'], g['oh'], g['ow']).copy()
        for ky in range(g['kh']):
            for kx in range(g['kw']):
                y0, x0 = ky * g['dh'], kx * g['dw']
                tap = p[:, y0:y0 + g['sh'] * (g['oh'] - 1) + 1:g['sh'], x0:x0 + g['sw'] * (g['ow'] - 1) + 1:g['sw']]
                for i in range(per_in):
                    s += a.weights[:, i, ky, kx, None, None] * (tap[i] if g['groups'] == 1 else tap[first + i])
        current = np.rint(np.clip(s, a.low, a.high)).astype(np.int64)
        sums[a.target] = sums.get(a.target, 0) + current
    return {t: s + net.populations[t].bias[:, None, None] for t, s in sums.items()}


def around(g):
    """Padding of a map [c, h, w] that is enough for every output; how many there are says the geometry."""
    return ((0, 0), (g['ph'], max(g['ph'], g['dh'] * (g['kh'] - 1))), (g['pw'], max(g['pw'], g['dw'] * (g['kw'] - 1))))


def taps(g, x, outside):
    """For each tap of a window its place and what it sees of the maps x [c, h, w], as [c, oh, ow]."""
    p = np.pad(x, around(g), constant_values=outside)
    for ky in range(g['kh']):
        for kx in range(g['kw']):
            y, x0 = ky * g['dh'], kx * g['dw']
            yield ky, kx, p[:, y:y + g['sh'] * (g['oh'] - 1) + 1:g['sh'], x0:x0 + g['sw'] * (g['ow'] - 1) + 1:g['sw']]


def arriving(j, spikes):
    """What the spikes of its source add to each neuron of a projection's target, one step."""
    g = j.g
    total = np.zeros((g['oc'], g['oh'] * g['ow']), np.int64)
    per_in, per_out = g['ic'] // g['groups'], g['oc'] // g['groups']
    for ky, kx, tap in taps(g, spikes, 0):
        tap = tap.reshape(g['ic'], -1)
        if j.kind == 'channelwise':
            total[j.offset:j.offset + g['ic']] += j.weights[:, ky, kx, None].astype(np.int64) * tap
            continue
        for group in range(g['groups']):
            out = slice(group * per_out, (group + 1) * per_out)
            # Products in float64, where integers below 2^53 are exact, are much faster than in int64.
            w = j.weights[out, :, ky, kx].astype(np.float64)
            total[out] += (w @ tap[group * per_in:(group + 1) * per_in]).astype(np.int64)
    return total.reshape(g['oc'], g['oh'], g['ow'])


def run(net, image):
    """A network of few-spike neurons on an image as `currents` takes it: for each population its spikes
    [step, c, h, w] and what V is after them (0 of a race)."""
    steps = net.steps
    constant = currents(net, image)
    sent, left = [], []
    for i, p in enumerate(net.populations):
        into = [j for j in net.projections if j.target == i]
        if p.gate:
            numbers = np.tensordot(1 << np.arange(steps)[::-1], sent[into[0].source], 1)
            most = np.max([tap for _, _, tap in taps(into[0].g, numbers, 0)], axis=0)
            sent.append(np.stack([most >> k & 1 for k in reversed(range(steps))]))
            left.append(np.zeros(p.shape, np.int64))
            continue
        low, high = (-2 ** 31, 2 ** 31 - 1) if p.wide else (-2 ** 15, 2 ** 15 - 1)
        v = np.zeros(p.shape, np.int64)
        for t in range(steps):
            v = np.clip(2 * v + sum(arriving(j, sent[j.source][t]) for j in into), low, high)
        once = constant[i] if i in constant else p.bias[:, None, None].astype(np.int64)
        v = np.clip(v + once + p.v0[:, None, None], low, high)
        spikes = []
        for t in range(steps):
            worth = p.theta[:, None, None].astype(np.int64) << (steps - 1 - t)
            spikes.append((v >= worth).astype(np.int64))
            v = v - worth * spikes[t]
        sent.append(np.stack(spikes))
        left.append(v)
    return sent, left


def main(path, image, steps):
    net = read(path)
    if net.steps == 0:
        sys.exit(f'{path}: found neurons without a code, expected few-spike neurons; run it with snnsim or snn_run')
    if steps != str(net.steps):
        sys.exit(f'{path}: found {steps} steps, expected {net.steps}: its few-spike neurons send a number in so many')
    sent, left = run(net, np.fromfile(image, '<f4').reshape(net.image))
    for i, (spikes, v) in enumerate(zip(sent, left)):
        number = np.tensordot(1 << np.arange(net.steps)[::-1], spikes, 1).ravel()
        place = np.arange(1, number.size + 1)
        print(i, spikes.sum(), (place * number).sum(), (place * v.ravel()).sum())


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit('usage: snn_file.py MODEL.snn IMAGE STEPS')
    main(*sys.argv[1:])
