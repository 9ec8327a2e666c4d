#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the JSON of `snnsim run --json` as an SVG: accuracy against time steps, and firing rates.

    snnsim run M.snn DATA.npz --steps 128 --json run.json
    snnsim run FEW.snn DATA.npz --json few.json
    python3 tools/plot_run.py run.json few.json -o run.svg

The files after the first become points: where a network ends that sends numbers, say.

Needs nothing but Python 3. The same JSON gives the same bytes.
"""
import argparse
import json
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 400
TOP, BOTTOM = 64, 346
LEFT, MIDDLE = 56, 430
RATES, RIGHT = 560, 836
BLUE, ORANGE, GREY, INK = "#2563eb", "#d97706", "#d4d4d8", "#27272a"
GREEN = "#15803d"
FONT = "font-family=\"Helvetica, Arial, sans-serif\""


def text(x, y, s, size=12, anchor="start", colour=INK, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {FONT} font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{colour}">{escape(s)}</text>'
    )


def line(x0, y0, x1, y1, colour=GREY, width=1, dash=""):
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"{dashed}/>'
    )


def accuracy_panel(run, codes):
    accuracy, steps = run["accuracyAtStep"], run["steps"]
    out = [text(LEFT, TOP - 16, "accuracy (%) after time step", weight="bold")]
    span = math.log2(max(2, steps))

    def at(step, share):
        return (
            LEFT + (MIDDLE - LEFT) * math.log2(step) / span,
            BOTTOM - (BOTTOM - TOP) * share,
        )

    for percent in range(0, 101, 20):
        y = at(1, percent / 100)[1]
        out += [line(LEFT, y, MIDDLE, y), text(LEFT - 8, y + 4, str(percent), anchor="end")]
    step = 1
    while step <= steps:
        x = at(step, 0)[0]
        out.append(text(x, BOTTOM + 18, str(step), anchor="middle"))
        step *= 2
    if accuracy is None:
        out.append(text((LEFT + MIDDLE) / 2, 200, "the images have no labels", anchor="middle"))
        return out
    ann = run["annAccuracy"]
    if ann is not None:
        y = at(1, ann)[1]
        out += [
            line(LEFT, y, MIDDLE, y, ORANGE, 2, "6 4"),
            text(LEFT + 8, y - 7, f"ANN {100 * ann:.1f}", colour=ORANGE, weight="bold"),
        ]
    points = " ".join("{:.1f},{:.1f}".format(*at(t + 1, a)) for t, a in enumerate(accuracy))
    out.append(f'<polyline points="{points}" fill="none" stroke="{BLUE}" stroke-width="2.5"/>')
    x, y = at(steps, accuracy[-1])
    out += [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{BLUE}"/>',
        text(x, y + 22, f"SNN {100 * accuracy[-1]:.1f}", anchor="end", colour=BLUE, weight="bold"),
    ]
    for i, code in enumerate(codes):
        x, y = at(code["steps"], code["accuracyAtStep"][-1])
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{GREEN}"/>')
        label = f'{code["steps"]} steps: {100 * code["accuracyAtStep"][-1]:.1f}'
        out.append(text(MIDDLE, BOTTOM - 14 * (len(codes) - i), label, anchor="end", colour=GREEN))
    if codes:
        y = BOTTOM - 14 * (len(codes) + 1)
        out.append(text(MIDDLE, y, "few-spike, steps a layer", anchor="end", colour=GREEN, weight="bold"))
    return out


def rate_panel(run):
    layers = run["layers"]
    out = [text(RATES, TOP - 16, "spikes per neuron and step", weight="bold")]
    largest = max([layer["firingRate"] for layer in layers] + [1e-9])
    pitch = (BOTTOM - TOP) / len(layers)
    height = min(14.0, pitch * 0.7)
    for i, layer in enumerate(layers):
        y = TOP + pitch * (i + 0.5)
        width = (RIGHT - RATES - 40) * layer["firingRate"] / largest
        label = f'{layer["firingRate"]:.3f}'
        out += [
            text(RATES - 8, y + 4, layer["name"], 11, "end"),
            f'<rect x="{RATES}" y="{y - height / 2:.1f}" width="{max(width, 0.5):.1f}" '
            f'height="{height:.1f}" fill="{BLUE}"/>',
            text(RATES + width + 5, y + 4, label, 11),
        ]
    return out


def draw(run, codes):
    model, images = run["model"], run["samples"]
    title = f'{model["name"]}, {model["precision"]}, {images:,} images'
    note = (
        f'{run["spikesPerImageStep"]:,.0f} spikes and {run["synapticOpsPerImageStep"] / 1e6:.2f} million '
        f'synaptic operations per image and step'
    )
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        text(LEFT, 24, title, 15, weight="bold"),
        *accuracy_panel(run, codes),
        *rate_panel(run),
        text(LEFT, HEIGHT - 12, note),
        "</svg>",
    ]
    return "\n".join(body) + "\n"


def read(path):
    with open(path, encoding="utf-8") as file:
        run = json.load(file)
    if run.get("schemaVersion") != 1 or "layers" not in run:
        raise SystemExit(f"{path}: not the JSON of `snnsim run`, schemaVersion 1")
    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", help="JSON file that `snnsim run --json` wrote")
    parser.add_argument("codes", nargs="*", help="more of them, to be drawn as points")
    parser.add_argument("-o", "--output", required=True, help="SVG file to write")
    args = parser.parse_args()
    svg = draw(read(args.run), [read(code) for code in args.codes])
    with open(args.output, "w", encoding="utf-8") as file:
        file.write(svg)


if __name__ == "__main__":
    main()
