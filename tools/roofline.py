#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws a roofline picture (SVG) from the JSON of `snnsim run --profile --json RUN.json`.

    tools/roofline.py RUN.json -o roofline.svg

To the right: synaptic operations for each byte that a population loads and stores. Upwards: 10^9
synaptic operations a second. Slanted lines: bandwidth of one core by level, as measured in that run;
dashed line: one lane addition for each operation. The stroke above a dot ends where the population
would be at the limit of its own operation (field limitLaneGops). docs/guide/profile.md says how each number
is come by. Needs Python 3.8 or newer and nothing else. Exit codes: 0 done, 2 wrong options, 65
unusable JSON, 66 no such file, 74 the picture cannot be written.
"""
import argparse
import json
import math
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 1180, 660
LEFT, TOP, RIGHT, BOTTOM = 70, 78, 720, 590
LIST_X, LIST_Y, LIST_STEP = 760, 98, 19
LEVEL_COLOURS = {"L1": "#b3261e", "L2": "#c77700", "L3": "#2e7d32", "MEMORY": "#1f5fbf"}
DOT_COLOURS = {"lookup": "#5b2a86", "events": "#00695c"}
# Populations slower than a hundredth of the fastest would press the others together.
DECADES = 100


def fail(code, message):
    print(f"tools/roofline.py: {message}", file=sys.stderr)
    sys.exit(code)


def load(path):
    try:
        with open(path, encoding="utf-8") as file:
            run = json.load(file)
    except FileNotFoundError:
        fail(66, f"{path}: no such file; write it by snnsim run --profile --json {path}")
    except (OSError, ValueError) as error:
        fail(65, f"{path}: {error}; expected the JSON of snnsim run --profile")
    profile = run.get("profile") if isinstance(run, dict) else None
    if not isinstance(profile, dict):
        fail(65, f"{path}: no field profile; run again with --profile")
    if not profile.get("limits"):
        fail(65, f"{path}: no limits; run again with the Vector API (--kernel vector)")
    return run, profile


class Axes:
    """Both axes are logarithmic."""

    def __init__(self, x_low, x_high, y_low, y_high):
        self.x_low, self.x_high, self.y_low, self.y_high = x_low, x_high, y_low, y_high

    def x(self, value):
        share = math.log(value / self.x_low) / math.log(self.x_high / self.x_low)
        return LEFT + share * (RIGHT - LEFT)

    def y(self, value):
        share = math.log(value / self.y_low) / math.log(self.y_high / self.y_low)
        return BOTTOM - share * (BOTTOM - TOP)


def ticks(low, high):
    """1, 2 and 5 times powers of ten within the range."""
    found = []
    for exponent in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for digit in (1, 2, 5):
            value = digit * 10.0**exponent
            if low <= value <= high:
                found.append(value)
    return found


class Picture:
    def __init__(self):
        self.parts = []

    def line(self, x1, y1, x2, y2, colour, width=1.0, dash=None, opacity=1.0):
        extra = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"'
            f' stroke-width="{width}" stroke-opacity="{opacity}"{extra}/>')

    def text(self, x, y, text, size=12, colour="#222", anchor="start", turn=None, weight="normal"):
        extra = f' transform="rotate({turn:.2f} {x:.1f} {y:.1f})"' if turn is not None else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"'
            f' text-anchor="{anchor}" font-weight="{weight}"{extra}>{escape(text)}</text>')

    def dot(self, x, y, colour):
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}" stroke="#fff"/>')

    def svg(self):
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
            f' viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Helvetica, Arial, sans-serif">\n'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n'
            + "\n".join(self.parts) + "\n</svg>\n")


def of_all_cores(levels, threads):
    """The levels as if every core had its own: right for L1 and L2, too much for what is shared."""
    return [{key: value * threads if isinstance(value, float) else value
             for key, value in level.items()} for level in levels]


def axes_for(shown, roof):
    xs = [p["synapticOpsPerByte"] for p in shown]
    ys = [p["gops"] for p in shown]
    tops = [p["gops"] / p["limitShare"] for p in shown if p["limitShare"]]
    return Axes(min(xs) / 1.8, max(xs) * 1.8, min(ys) / 1.8, max(tops + [roof]) * 1.6)


def frame(picture, axes):
    for value in ticks(axes.x_low, axes.x_high):
        x = axes.x(value)
        picture.line(x, TOP, x, BOTTOM, "#e4e4e4")
        picture.text(x, BOTTOM + 18, f"{value:g}", anchor="middle")
    for value in ticks(axes.y_low, axes.y_high):
        y = axes.y(value)
        picture.line(LEFT, y, RIGHT, y, "#e4e4e4")
        picture.text(LEFT - 8, y + 4, f"{value:g}", anchor="end")
    picture.line(LEFT, BOTTOM, RIGHT, BOTTOM, "#222", 1.2)
    picture.line(LEFT, TOP, LEFT, BOTTOM, "#222", 1.2)
    picture.text((LEFT + RIGHT) / 2, BOTTOM + 42,
                 "synaptic operations per byte loaded or stored", 13, anchor="middle")
    picture.text(24, (TOP + BOTTOM) / 2, "10⁹ synaptic operations per second", 13,
                 anchor="middle", turn=-90)


def bandwidths(picture, axes, levels):
    """y = bandwidth * x, cut to the frame; the name stands along the line."""
    for level in levels:
        bandwidth, colour = level["gigabytesPerSecond"], LEVEL_COLOURS[level["name"]]
        low = max(axes.x_low, axes.y_low / bandwidth)
        high = min(axes.x_high, axes.y_high / bandwidth)
        if low >= high:
            continue
        x1, y1 = axes.x(low), axes.y(low * bandwidth)
        x2, y2 = axes.x(high), axes.y(high * bandwidth)
        picture.line(x1, y1, x2, y2, colour, 1.6)
        turn = math.degrees(math.atan2(y2 - y1, x2 - x1))
        name = "memory" if level["name"] == "MEMORY" else level["name"]
        # At the lower end, where no dots are; above the line.
        picture.text(x1 + 12 * math.cos(math.radians(turn)) + 4 * math.sin(math.radians(turn)),
                     y1 + 12 * math.sin(math.radians(turn)) - 4 * math.cos(math.radians(turn)),
                     f"{name} {bandwidth:.0f} GB/s", 11.5, colour, turn=turn)


def dots(picture, axes, numbered):
    taken = [(axes.x(p["synapticOpsPerByte"]), axes.y(p["gops"])) for _, p in numbered]
    for _, p in numbered:
        x, y = axes.x(p["synapticOpsPerByte"]), axes.y(p["gops"])
        if p["limitShare"]:
            top = axes.y(p["gops"] / p["limitShare"])
            colour = DOT_COLOURS.get(p["method"], "#444")
            picture.line(x, y, x, top, colour, 1, opacity=0.45)
            picture.line(x - 4, top, x + 4, top, colour, 1.6, opacity=0.8)
    for number, p in numbered:
        x, y = axes.x(p["synapticOpsPerByte"]), axes.y(p["gops"])
        picture.dot(x, y, DOT_COLOURS.get(p["method"], "#444"))
        places = [(x + 11, y), (x - 11, y), (x + 9, y + 10), (x - 9, y + 10),
                  (x + 9, y - 10), (x - 9, y - 10), (x, y + 14), (x + 20, y), (x - 20, y)]
        # The place that is farthest from everything placed so far, but near rather than far.
        best = max(places, key=lambda q: (
            min(12, min(math.dist(q, t) for t in taken)) - 0.05 * math.dist(q, (x, y))))
        taken.append(best)
        picture.text(best[0], best[1] + 3.5, str(number), 10, anchor="middle")


def listing(picture, populations, numbers):
    columns = (("", 0, "start"), ("population", 22, "start"), ("µs/step", 228, "end"),
               ("Gop/s", 284, "end"), ("of limit", 342, "end"), ("from", 352, "start"))
    for name, x, anchor in columns:
        picture.text(LIST_X + x, LIST_Y - LIST_STEP, name, 11, "#666", anchor)
    step = min(LIST_STEP, (HEIGHT - 60 - LIST_Y) / max(1, len(populations)))
    for i, p in enumerate(populations):
        y = LIST_Y + i * step
        number = numbers.get(p["name"])
        share = f"{100 * p['limitShare']:.0f} %" if p["limitShare"] else ""
        values = (str(number or ""), p["name"], f"{1000 * p['msPerStepMedian']:.2f}",
                  f"{p['gops']:.1f}", share, (p["level"] or "").replace("MEMORY", "memory"))
        for value, (_, x, anchor) in zip(values, columns):
            colour = "#222" if number else "#888"
            picture.text(LIST_X + x, y, value, min(12, step * 0.7), colour, anchor)


def draw(run, profile):
    populations = [p for p in profile["populations"]]
    working = [p for p in populations if p["synapticOpsPerStep"] > 0]
    if not working:
        fail(65, "no population received a spike; run more steps")
    fastest = max(p["gops"] for p in working)
    shown = [p for p in working if p["gops"] * DECADES >= fastest]
    numbers = {p["name"]: i + 1 for i, p in enumerate(shown)}
    threads = profile["threadsPerImage"]
    levels = of_all_cores(profile["limits"]["levels"], threads)
    adds = "addI32" if run["model"]["precision"] == "i32" else "addI16"
    roof = levels[0][adds]
    axes = axes_for(shown, roof)
    picture = Picture()
    host = run["host"]
    picture.text(LEFT, 28, f"{run['model']['name']}, {run['model']['precision']}: synaptic operations"
                 f" done, and what {'one core' if threads == 1 else f'{threads} cores'} could do",
                 17, weight="bold")
    picture.text(LEFT, 48, f"{host.get('cpu', host['os'])}, JDK {host['jdk'].split(' ')[0]},"
                 f" {run['kernel']}; {profile['images']} images, {run['steps']} steps;"
                 f" {1000 * profile['msPerStepMedian']:.0f} µs per step and image,"
                 f" {profile['gops']:.1f} Gop/s in all", 12, "#555")
    frame(picture, axes)
    bandwidths(picture, axes, levels)
    y = axes.y(roof)
    picture.line(LEFT, y, RIGHT, y, "#222", 1.2, dash="6 4")
    picture.text(LEFT + 8, y - 6, "one lane addition an operation:"
                 f" {adds[3:].lower()} from {levels[0]['name']}, {roof:.0f} G/s", 11.5)
    dots(picture, axes, [(numbers[p["name"]], p) for p in shown])
    listing(picture, populations, numbers)
    note = ("stroke above a dot: the limit of that population's own lane operations (lookups serve"
            " several synapses each)")
    picture.text(LEFT, HEIGHT - 10, note, 11, "#555")
    key = LEFT + 560
    for method, colour in DOT_COLOURS.items():
        if any(p["method"] == method for p in shown):
            picture.dot(key, 64, colour)
            picture.text(key + 10, 68, method, 12)
            key += 75
    return picture.svg()


def main():
    parser = argparse.ArgumentParser(
        description="Draws a roofline picture from the JSON of snnsim run --profile.")
    parser.add_argument("run", metavar="RUN.json")
    parser.add_argument("-o", "--output", required=True, metavar="FILE.svg")
    options = parser.parse_args()
    run, profile = load(options.run)
    try:
        svg = draw(run, profile)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        fail(65, f"{options.run}: {type(error).__name__} {error}; expected the JSON of snnsim run"
             " --profile of this version")
    try:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(svg)
    except OSError as error:
        fail(74, f"{options.output}: {error.strerror}")


if __name__ == "__main__":
    main()
