#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a model as a dense spiking network in PyTorch on one thread, checks that its spikes are snnsim's,
and prints the time of both.

    tools/compare_pytorch.py resnet20_i8.snn cifar10_test.npz
    tools/compare_pytorch.py resnet18_i8.snn images224.npz --batches 1,8 --check-images 1
    tools/compare_pytorch.py resnet20_i8.snn cifar10_test.npz --sparse

The rival is what people write: convolutions of 0/1 maps in float32 (oneDNN), then the neurons by
whole-tensor operations in place; the first layer once per image; the better of the two memory formats.
Its weights, thresholds and currents are the model's integers, which float32 holds exactly up to 2^24,
so spike counts are compared for equality: every neuron of every population after --check-steps steps,
with V clamped to its type as snnsim does. A 32-bit model's sums can exceed 2^24, so it is checked in
float64. Timed without the clamp, in float32.

--sparse adds a rival that, like snnsim, works on spikes only: SciPy's sparse matrices, the layer's
unrolled weights (input neurons by output neurons) times the spikes. Networks of more than 2e8 unrolled
weights are refused: their matrices would take many GB.

Times are ms of CPU time of the one thread per step and image, best and median over steps (over images
of 64 steps for snnsim, whose time depends on the spikes: bench/ NetworkBenchmark in the same run, warm).
CPU time, since wall time on a machine that is not idle says little. Needs PyTorch, NumPy, and SciPy for
--sparse (Debian: python3-torch, python3-scipy).
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

os.environ.setdefault('OMP_NUM_THREADS', '1')
import numpy as np
import torch
import torch.nn.functional as F

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(HOME, 'tools'))
import snn_file

MOST_UNROLLED = 200_000_000


def images_of(path, shape, count):
    with np.load(path) as z:
        x = z['images' if 'images' in z else 'x'][:count]
    if x.ndim == 3:
        x = x[:, None]
    elif x.shape[1:] != shape:
        x = x.transpose(0, 3, 1, 2)
    if x.shape[1:] != shape:
        sys.exit(f'compare_pytorch.py: {path}: found images of {x.shape[1:]}, expected {shape}')
    return x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 else x.astype(np.float32)


class Dense:
    """The network over a batch, every population a tensor [n, c, h, w]."""

    def __init__(self, net, currents, dtype, memory_format, clamp):
        self.net = net
        self.format = memory_format
        self.clamp = clamp
        n = len(currents)
        # Repeated over the batch: an operand that is broadcast makes the sums slower.
        self.constant = []
        self.theta = []
        for i, p in enumerate(net.populations):
            if i in currents[0]:
                c = torch.tensor(np.stack([x[i] for x in currents]), dtype=dtype)
            else:
                c = torch.tensor(p.bias, dtype=dtype).reshape(1, -1, 1, 1)
            self.constant.append(c.contiguous(memory_format=memory_format) if i in currents[0] else c)
            self.theta.append(torch.tensor(p.theta, dtype=dtype).reshape(1, -1, 1, 1))
        self.into = [[] for _ in net.populations]
        for j in net.projections:
            self.into[j.target].append(self.synapses(j, dtype))
        self.v = []
        self.counts = [None] * len(net.populations)
        self.spikes = [None] * len(net.populations)
        for i, p in enumerate(net.populations):
            v = torch.tensor(p.v0, dtype=dtype).reshape(1, -1, 1, 1).expand(n, *p.shape)
            self.v.append(v.contiguous(memory_format=memory_format))
        gates = [j.source for j in net.projections if j.kind == 'gate']
        gates += [i for i, p in enumerate(net.populations) if p.gate]
        for i, p in enumerate(net.populations):
            if clamp or i in gates or i == net.output:
                self.counts[i] = torch.zeros_like(self.v[i])

    def synapses(self, j, dtype):
        """A function of the source's spikes that adds to V."""
        g = j.g
        pad, stride, dilation = (g['ph'], g['pw']), (g['sh'], g['sw']), (g['dh'], g['dw'])
        if j.kind == 'gate':
            return lambda v, s: None
        if j.kind == 'channelwise' and g['kh'] * g['kw'] == 1 and pad == (0, 0):
            scale = torch.tensor(j.weights, dtype=dtype).reshape(1, -1, 1, 1)
            o, c = j.offset, g['ic']
            return lambda v, s: v[:, o:o + c].addcmul_(s[:, :, ::stride[0], ::stride[1]], scale)
        if j.kind == 'channelwise':
            w = torch.tensor(j.weights, dtype=dtype)[:, None].contiguous(memory_format=self.format)
            o, c = j.offset, g['ic']
            return lambda v, s: v[:, o:o + c].add_(F.conv2d(s, w, None, stride, pad, dilation, c))
        w = torch.tensor(j.weights.astype(np.int64), dtype=dtype).contiguous(memory_format=self.format)
        return lambda v, s: v.add_(F.conv2d(s, w, None, stride, pad, dilation, g['groups']))

    def step(self):
        net = self.net
        for i, p in enumerate(net.populations):
            if p.gate:
                j = next(j for j in net.projections if j.target == i)
                g = j.g
                most = F.max_pool2d(self.counts[j.source], (g['kh'], g['kw']), (g['sh'], g['sw']),
                                    (g['ph'], g['pw']), (g['dh'], g['dw']))
                s = most.gt(self.counts[i]).to(most.dtype)
            else:
                v = self.v[i]
                if self.clamp:
                    # V saturates once, at V + the whole input.
                    total = v.clone()
                    self.add(i, total)
                    low, high = (-2.0 ** 31, 2.0 ** 31 - 1) if p.wide else (-2.0 ** 15, 2.0 ** 15 - 1)
                    v.copy_(total.clamp_(low, high))
                else:
                    self.add(i, v)
                s = v.ge(self.theta[i]).to(v.dtype)
                v.addcmul_(s, self.theta[i], value=-1)
            if self.counts[i] is not None:
                self.counts[i].add_(s)
            self.spikes[i] = s

    def add(self, i, v):
        v.add_(self.constant[i])
        sources = [j.source for j in self.net.projections if j.target == i]
        for source, synapses in zip(sources, self.into[i]):
            synapses(v, self.spikes[source])


class Sparse:
    """The network on one image, every projection an unrolled matrix [input neuron, output neuron]."""

    def __init__(self, net, currents):
        import scipy.sparse as sp
        self.sp = sp
        self.net = net
        self.constant = []
        for i, p in enumerate(net.populations):
            c = currents[i] if i in currents else np.broadcast_to(p.bias[:, None, None], p.shape)
            self.constant.append(c.astype(np.float32).ravel())
        self.theta = [np.repeat(p.theta, p.shape[1] * p.shape[2]).astype(np.float32) for p in net.populations]
        self.v = [np.repeat(p.v0, p.shape[1] * p.shape[2]).astype(np.float32) for p in net.populations]
        self.counts = [np.zeros(int(np.prod(p.shape)), np.int64) for p in net.populations]
        self.spikes = [None] * len(net.populations)
        self.matrices = [None if j.kind == 'gate' else self.unrolled(j) for j in net.projections]

    @staticmethod
    def size(net):
        return sum(0 if j.kind == 'gate' else
                   j.weights.size * j.g['oh'] * j.g['ow'] for j in net.projections)

    def unrolled(self, j):
        g = j.g
        per_in, per_out = g['ic'] // g['groups'], g['oc'] // g['groups']
        y, x = np.meshgrid(np.arange(g['oh']), np.arange(g['ow']), indexing='ij')
        rows, columns, values = [], [], []
        for ky in range(g['kh']):
            for kx in range(g['kw']):
                iy, ix = y * g['sh'] - g['ph'] + ky * g['dh'], x * g['sw'] - g['pw'] + kx * g['dw']
                inside = (iy >= 0) & (iy < g['ih']) & (ix >= 0) & (ix < g['iw'])
                source = (iy * g['iw'] + ix)[inside]
                target = (y * g['ow'] + x)[inside]
                if j.kind == 'channelwise':
                    ins, w = np.arange(g['ic']), j.weights[:, ky, kx]
                    outs = ins + j.offset
                else:
                    outs = np.repeat(np.arange(g['oc']), per_in)
                    ins = np.concatenate([c // per_out * per_in + np.arange(per_in) for c in range(g['oc'])])
                    w = j.weights[:, :, ky, kx].ravel()
                rows.append((ins[:, None] * (g['ih'] * g['iw']) + source).ravel())
                columns.append((outs[:, None] * (g['oh'] * g['ow']) + target).ravel())
                values.append(np.repeat(w.astype(np.float32), source.size))
        shape = (g['ic'] * g['ih'] * g['iw'], int(np.prod(self.net.populations[j.target].shape)))
        m = self.sp.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
        m.eliminate_zeros()
        return m

    def step(self):
        for i, p in enumerate(self.net.populations):
            if p.gate:
                j = next(j for j in self.net.projections if j.target == i)
                g = j.g
                c = torch.from_numpy(self.counts[j.source].astype(np.float32).reshape(1, g['ic'], g['ih'], g['iw']))
                most = F.max_pool2d(c, (g['kh'], g['kw']), (g['sh'], g['sw']), (g['ph'], g['pw']))
                s = most.numpy().ravel() > self.counts[i]
            else:
                v = self.v[i]
                v += self.constant[i]
                for j, m in zip(self.net.projections, self.matrices):
                    if j.target == i:
                        events = np.flatnonzero(self.spikes[j.source]).astype(np.int32)
                        row = self.sp.csr_matrix((np.ones(events.size, np.float32), events,
                                                  np.array([0, events.size], np.int32)), shape=(1, m.shape[0]))
                        product = row @ m
                        v[product.indices] += product.data
                if not p.wide:
                    np.clip(v, -2 ** 15, 2 ** 15 - 1, out=v)
                s = v >= self.theta[i]
                v[s] -= self.theta[i][s]
            self.counts[i] += s
            self.spikes[i] = s


def timed(rival, steps, images):
    """ms of thread CPU time per step and image: best and median."""
    rival.step()
    times = []
    for _ in range(steps):
        start = time.thread_time()
        rival.step()
        times.append((time.thread_time() - start) * 1e3 / images)
    return min(times), float(np.median(times))


def snnsim_counts(model, data, images, steps):
    with tempfile.TemporaryDirectory() as d:
        record = os.path.join(d, 'counts.npz')
        subprocess.run([os.path.join(HOME, 'snnsim'), 'run', model, data, '--steps', str(steps), '--limit', str(images),
                        '--threads', '1', '--no-ann', '--record', record], check=True, stdout=subprocess.DEVNULL)
        with np.load(record) as z:
            return {k.partition('/')[2]: z[k] for k in z.files if k.startswith('counts/')}


def compare(net, model, data, currents, images, steps):
    expected = snnsim_counts(model, data, images, steps)
    exact = torch.float64 if net.precision == 'i32' else torch.float32
    rival = Dense(net, currents[:images], exact, torch.contiguous_format, True)
    for _ in range(steps):
        rival.step()
    different, spikes = 0, 0
    for i, p in enumerate(net.populations):
        found = rival.counts[i].numpy().astype(np.int64)
        wrong = int((found != expected[p.name]).sum())
        spikes += int(found.sum())
        if wrong:
            print(f'population {p.name}: {wrong} of {found.size} neurons with other spike counts')
        different += wrong
    neurons = sum(int(np.prod(p.shape)) for p in net.populations)
    print(f'spike counts after {steps} steps, {images} images, {neurons} neurons, {spikes} spikes: '
          + ('equal' if different == 0 else f'{different} DIFFERENT'))
    return different == 0


def snnsim_time(model, data, jmh):
    """CPU time of NetworkBenchmark's thread: best and median, ms."""
    command = [os.path.join(HOME, 'bench', 'run.sh'), 'NetworkBenchmark', '-foe', 'true',
               '-p', 'model=' + os.path.abspath(model), '-p', 'images=' + os.path.abspath(data)] + jmh
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    print('\n'.join(line for line in out.splitlines() if line.startswith(('host:', '# vector', '# allocated'))))
    best, median = re.findall(r'^# CPU time of a step, latest images: best ([\d.]+) median ([\d.]+)', out, re.M)[-1]
    return float(best), float(median)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('model', help='.snn file')
    a.add_argument('data', help='images, .npz')
    a.add_argument('--batches', default='1,100', help='batch sizes of the rival (%(default)s)')
    a.add_argument('--steps', type=int, default=20, help='time steps timed (%(default)s)')
    a.add_argument('--check-images', type=int, default=4)
    a.add_argument('--check-steps', type=int, default=64)
    a.add_argument('--sparse', action='store_true', help='also SciPy\'s sparse matrices')
    a.add_argument('--jmh', default='', help='more options for JMH, as in "-wi 5"')
    o = a.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    net = snn_file.read(o.model)
    other = sorted({p.model for p in net.populations} - {'if', 'max_gate'})
    if other:
        sys.exit(f'compare_pytorch.py: {o.model}: found neurons of {", ".join(other)}, expected integrate and fire')
    batches = [int(b) for b in o.batches.split(',')]
    images = images_of(o.data, net.image, max(batches + [o.check_images]))
    distinct = [snn_file.currents(net, x) for x in images]
    oneapi = [line for line in torch.__config__.show().splitlines() if 'MKL-DNN' in line]
    print(f'{net.name} {net.precision}; PyTorch {torch.__version__},{oneapi[0].strip(" -") if oneapi else "no oneDNN"}, '
          f'{torch.get_num_threads()} thread')
    if not compare(net, o.model, o.data, distinct, min(o.check_images, len(distinct)), o.check_steps):
        return 1
    rows = []
    for n in batches:
        batch = [distinct[i % len(distinct)] for i in range(n)]
        best = None
        for name, form in (('NCHW', torch.contiguous_format), ('NHWC', torch.channels_last)):
            t = timed(Dense(net, batch, torch.float32, form, False), o.steps, n)
            best = min(best, (t, name)) if best else (t, name)
        rows.append((f'PyTorch dense, batch {n} ({best[1]})', best[0]))
    if o.sparse:
        size = Sparse.size(net)
        if size > MOST_UNROLLED:
            print(f'no sparse rival: {size:.2e} unrolled weights, more than {MOST_UNROLLED:.0e}')
        else:
            rows.append(('SciPy sparse, batch 1', timed(Sparse(net, distinct[0]), o.steps, 1)))
    ours = snnsim_time(o.model, o.data, o.jmh.split())
    print('| ms per step and image | best | median | median / snnsim\'s |')
    print('|---|---|---|---|')
    print(f'| snnsim | {ours[0]:.3f} | {ours[1]:.3f} | 1 |')
    for name, (best, median) in rows:
        print(f'| {name} | {best:.3f} | {median:.3f} | {median / ours[1]:.1f} |')
    return 0


if __name__ == '__main__':
    sys.exit(main())
