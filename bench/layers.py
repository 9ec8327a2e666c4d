#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs LayerBenchmark over a grid and limits.c beside it, and prints what each layer costs and which
share of the machine's limit that is.

    bench/layers.py                                    # a small grid, about 20 minutes
    bench/layers.py --shapes all --precisions i8,i16,i32 --rates 2,5,10,20,50 --blocks 1,4,8   # hours
    bench/layers.py --shapes 64-64@8k3s1 --jmh '-wi 5 -i 5' --json layers.json

us: best of the samples of one layer and step, source update subtracted (LayerBenchmark says how);
median: the same of the medians. limit: the least time that the machine's rates of limits.c allow for

    events   synaptic operations at the add rate of the level that the weights lie in
    lookup   one permuted vector per target channel, tap and group of source channels (5 of a
             32-lane vector, 4 of a 16-lane one) and vector of pixels, at the permute rate of the
             level that the tables lie in

plus the update of every neuron. share = limit / us. A layer's data lies in the smallest level that
holds it, all copies of it if blocks are of one step (each is then read once a step, in turn).
"""
import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile

BENCH = os.path.dirname(os.path.abspath(__file__))
SHAPES = {
    'few': ['16-16@32k3s1', '32-32@16k3s1', '64-64@8k3s1', '64-64@56k3s1', '512-512@7k3s1'],
    'all': ['16-16@32k3s1', '32-32@16k3s1', '64-64@8k3s1', '64-64@56k3s1', '128-128@28k3s1', '256-256@14k3s1',
            '512-512@7k3s1', '16-32@32k3s2', '32-64@16k3s2', '64-128@56k3s2', '256-512@14k3s2', '64-256@56k1s1',
            '256-64@56k1s1', '1024-256@14k1s1', '256-1024@14k1s1', '64-128@56k1s2', '512-1000@1k1s1',
            '64-64@56k3s1dw', '512-512@14k3s1dw'],
}
COPIES = 4  # of LayerBenchmark
LEVELS = ['L1', 'L2', 'L3', 'memory']


def parse(shape):
    m = re.fullmatch(r'(\d+)-(\d+)@(\d+)k(\d)s(\d)(dw)?', shape)
    if not m:
        sys.exit(f'layers.py: shape {shape}: expected for instance 64-128@56k3s2')
    ic, oc, side, k, s = map(int, m.groups()[:5])
    out = (side + 2 * (k // 2) - k) // s + 1
    return ic, oc, side, k, s, out, bool(m.group(6))


def run(arguments, output):
    command = [os.path.join(BENCH, 'run.sh')] + arguments
    print('+', ' '.join(command), file=sys.stderr)
    if output is None:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    subprocess.run(command, check=True, stdout=sys.stderr)
    return None


def limits():
    text = run(['limits'], None)
    print(text)
    rates = {}
    for line in text.splitlines():
        m = re.match(r'(\w+ [\w ]+?(?: \(vectors\))?)\s\s+([\d.]+ \(.*)', line)
        if m:
            rates[m.group(1)] = [float(x) for x in re.findall(r'([\d.]+) \(', m.group(2))]
    lanes_bytes = int(re.search(r'(\d+)-byte vectors', text).group(1))
    return rates, lanes_bytes


def level(size, caches):
    for i, c in enumerate(caches):
        if size <= c:
            return i
    return len(caches)


def caches():
    """Bytes of L1d, L2 and L3 of core 0; typical ones where the system does not say."""
    sizes = {}
    base = '/sys/devices/system/cpu/cpu0/cache'
    if os.path.isdir(base):
        for d in os.listdir(base):
            try:
                with open(f'{base}/{d}/type') as t, open(f'{base}/{d}/level') as n, open(f'{base}/{d}/size') as s:
                    if t.read().strip() != 'Instruction':
                        text = s.read().strip()
                        sizes[int(n.read())] = int(text[:-1]) * {'K': 1024, 'M': 1 << 20}[text[-1]]
            except (OSError, KeyError, ValueError):
                pass
    return [sizes.get(1, 32 << 10), sizes.get(2, 1 << 20), sizes.get(3, 16 << 20)]


def taps_inside(side, out, k, s):
    """Pairs of an output pixel and a tap that lie inside the map, along one axis."""
    return sum(0 <= y * s + t - k // 2 < side for y in range(out) for t in range(k))


def limit_us(p, rates, vector_bytes, sizes):
    ic, oc, side, k, s, out, depthwise = parse(p['shape'])
    precision = p['precision']
    wide = precision == 'i32'
    lane_bytes = 4 if wide else 2
    neurons = oc * out * out
    fan_in = 1 if depthwise else ic
    copies = COPIES if p['blockSteps'] == '1' else 1
    if p['method'] == 'events':
        weights = oc * fan_in * k * k * (1 if precision == 'i8' else lane_bytes)
        where = level(weights * copies, sizes)
        operations = int(p['rate']) / 100 * oc * fan_in * taps_inside(side, out, k, s) ** 2
        kind = {'i8': 'add i8 to i16', 'i16': 'add i16', 'i32': 'add i32'}[precision]
    else:
        lanes = vector_bytes // lane_bytes
        groups = 1 if depthwise else math.ceil(ic / math.log2(lanes))
        tables = oc * k * k * groups * vector_bytes
        where = level(tables * copies, sizes)
        operations = oc * k * k * groups * math.ceil(out * out / lanes)
        kind = f'permute {"i32" if wide else "i16"} (vectors)'
    state = level(neurons * lane_bytes * copies, sizes)
    neuron = rates[f'neuron {"i32" if wide else "i16"}'][state]
    return operations / rates[kind][where] / 1e3 + neurons / neuron / 1e3, LEVELS[where]


def jmh(name, parameters, extra):
    with tempfile.NamedTemporaryFile(suffix='.json') as f:
        arguments = [name, '-foe', 'true', '-rf', 'json', '-rff', f.name] + extra
        for key, values in parameters.items():
            arguments += ['-p', f'{key}={",".join(values)}']
        run(arguments, sys.stderr)
        return json.load(open(f.name))


def percentiles(result):
    p = result['primaryMetric']['scorePercentiles']
    return p['0.0'], p['50.0']


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--shapes', default='few', help='few, all, or a list (%(default)s)')
    a.add_argument('--precisions', default='i8,i32')
    a.add_argument('--rates', default='2,10,50', help='percent')
    a.add_argument('--methods', default='events,lookup')
    a.add_argument('--blocks', default='4', help='time steps of a block')
    a.add_argument('--jmh', default='', help='more options for JMH, as in "-wi 5"')
    a.add_argument('--json', help='also write the rows to this file')
    o = a.parse_args()
    shapes = SHAPES.get(o.shapes) or o.shapes.split(',')
    grid = dict(precision=o.precisions.split(','), rate=o.rates.split(','), method=o.methods.split(','),
                blockSteps=o.blocks.split(','))
    rates, vector_bytes = limits()
    sizes = caches()
    # Sources of one shape are measured once, whatever reads them.
    representative = {}
    for s in shapes:
        representative.setdefault(parse(s)[0::2][:2], s)
    extra = o.jmh.split()
    layers = jmh('LayerBenchmark.layer', dict(grid, shape=shapes), extra)
    sources = jmh('LayerBenchmark.sources', dict(grid, shape=list(representative.values())), extra)

    def key(p, shape):
        return shape, p['precision'], p['rate'], p['method'], p['blockSteps']

    alone = {key(r['params'], r['params']['shape']): percentiles(r) for r in sources}
    rows = []
    for r in layers:
        p = r['params']
        best, median = percentiles(r)
        s_best, s_median = alone[key(p, representative[parse(p['shape'])[0::2][:2]])]
        limit, where = limit_us(p, rates, vector_bytes, sizes)
        rows.append(dict(p, us=best - s_best, median=median - s_median, limit=limit, level=where))
    rows.sort(key=lambda r: (shapes.index(r['shape']), r['precision'], r['method'], int(r['blockSteps']), int(r['rate'])))
    print('| layer | precision | method | block | rate % | us | median | limit | from | share % |')
    print('|---|---|---|---|---|---|---|---|---|---|')
    for r in rows:
        print(f'| {r["shape"]} | {r["precision"]} | {r["method"]} | {r["blockSteps"]} | {r["rate"]} '
              f'| {r["us"]:.2f} | {r["median"]:.2f} | {r["limit"]:.2f} | {r["level"]} | {100 * r["limit"] / r["us"]:.0f} |')
    if o.json:
        with open(o.json, 'w', encoding='utf-8') as f:
            json.dump(rows, f, indent=1)


if __name__ == '__main__':
    main()
