# SPDX-License-Identifier: Apache-2.0
"""Reads .snn model files (native-layout/README.md) with NumPy. For scripts; `snnsim verify` checks more."""
import struct
from dataclasses import dataclass

import numpy as np

GEOMETRY = ('ic', 'ih', 'iw', 'oc', 'oh', 'ow', 'kh', 'kw', 'sh', 'sw', 'ph', 'pw', 'dh', 'dw', 'groups')


@dataclass
class Population:
    name: str
    shape: tuple  # channels, height, width
    gate: bool  # max-pool gate, else integrate and fire
    wide: bool  # V in 32 bits, else 16
    bounds: tuple  # of one step's input sum
    theta: np.ndarray
    v0: np.ndarray
    bias: np.ndarray
    lam: np.ndarray


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


def read(path):
    with open(path, 'rb') as f:
        data = f.read()
    if data[:8] != b'\x89SNN\r\n\x1a\n':
        raise ValueError(f'{path}: found another magic, expected a .snn model file')
    version, _, size, count, _, table = struct.unpack_from('<IIQIIQ', data, 8)
    if version != 1 or size != len(data):
        raise ValueError(f'{path}: found version {version} and {len(data)} bytes, expected version 1 and {size} bytes')
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
        c, h, w, model, bits = struct.unpack_from('<IIIII', r, 8)
        at, low, high = struct.unpack_from('<Qqq', r, 32)
        values = np.frombuffer(channels, '<i4', 4 * c, at).reshape(4, c)
        net.populations.append(Population(name(r, 0), (c, h, w), model == 1, bits == 32, (low, high),
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
        p = np.pad(x, ((0, 0), (g['ph'], g['ph']), (g['pw'], g['pw'])))
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
