#!/usr/bin/env python3
"""Draws what `hone-benchmarks costs` prints: measured steps as dots, the model of their cost as lines.

    hone-benchmarks costs > costs.csv
    Benchmarks/draw-costs.py costs.csv Documentation/Images/costs.svg
"""
import csv
import math
import sys

source, target = sys.argv[1:]
lines = open(source).read().splitlines()
notes = [line[2:] for line in lines if line.startswith("# ")]
rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
axes = [("width", "width", "channels"), ("depth", "depth", "blocks"), ("context", "context", "tokens of a sequence"),
        ("batch", "tokens", "tokens of a batch"), ("threads", "threads", "threads")]
WIDTH, HEIGHT, LEFT, TOP, GAP = 250, 150, 56, 40, 76


def scale(values, size):
    """A logarithmic scale over the values, with some room at its ends."""
    low, high = math.log2(min(values)) - 0.3, math.log2(max(values)) + 0.3
    return lambda value: (math.log2(value) - low) / (high - low) * size


def ticks(low, high):
    """Powers of four between the two, at least two of them."""
    powers = [4.0 ** n for n in range(-4, 12) if low <= 4.0 ** n <= high]
    return powers if len(powers) > 1 else [low, high]


parts = []
for number, (axis, column, unit) in enumerate(axes):
    chosen = sorted((row for row in rows if row["axis"] == axis), key=lambda row: int(row[column]))
    xs = [int(row[column]) for row in chosen]
    measured = [float(row["milliseconds"]) for row in chosen]
    predicted = [float(row["predicted"]) for row in chosen]
    x, y = scale(xs, WIDTH), scale(measured + predicted, HEIGHT)
    left, top = LEFT + number % 3 * (WIDTH + GAP), TOP + number // 3 * (HEIGHT + GAP)
    parts.append(f'<g transform="translate({left} {top})">')
    parts.append(f'<text class="title" y="-12">{axis}</text>')
    for value in ticks(min(measured + predicted), max(measured + predicted)):
        place = HEIGHT - y(value)
        parts.append(f'<line class="grid" x2="{WIDTH}" y1="{place:.1f}" y2="{place:.1f}"/>')
        parts.append(f'<text class="side" x="-6" y="{place + 4:.1f}">{value:g}</text>')
    for value in xs:
        parts.append(f'<text class="under" x="{x(value):.1f}" y="{HEIGHT + 16}">{value:g}</text>')
    parts.append(f'<text class="unit" x="{WIDTH / 2}" y="{HEIGHT + 34}">{unit}</text>')
    points = " ".join(f"{x(a):.1f},{HEIGHT - y(b):.1f}" for a, b in zip(xs, predicted))
    parts.append(f'<polyline class="model" points="{points}"/>')
    for a, b, row in zip(xs, measured, chosen):
        kind = "used" if row["used"] == "1" else "foretold"
        parts.append(f'<circle class="{kind}" cx="{x(a):.1f}" cy="{HEIGHT - y(b):.1f}" r="4"/>')
    parts.append("</g>")

width, height = LEFT + 3 * (WIDTH + GAP) - GAP + 20, TOP + 2 * (HEIGHT + GAP)
legend = LEFT + 2 * (WIDTH + GAP)
style = """
text { font: 12px system-ui, sans-serif; fill: #555 } .title { font-weight: 600; fill: #222 }
.side { text-anchor: end } .under, .unit { text-anchor: middle } .grid { stroke: #ddd }
.model { fill: none; stroke: #3569b5; stroke-width: 1.5 } circle { stroke: #b5482d; stroke-width: 1.5 }
.used { fill: #b5482d } .foretold { fill: #fff }
.page { fill: #fff }
@media (prefers-color-scheme: dark) {
text { fill: #aaa } .title { fill: #eee } .grid { stroke: #444 } .page, .foretold { fill: #1a1a1a }
.model { stroke: #7aa7e8 } circle { stroke: #e58c6f } .used { fill: #e58c6f } }
"""
texts = [("used", "measured, and used to find the prices"), ("foretold", "measured, not used"), (None, "the model")]
for number, (kind, text) in enumerate(texts):
    place = TOP + HEIGHT + GAP + 20 + 22 * number
    mark = f'<circle class="{kind}" cx="{legend + 10}" cy="{place}" r="4"/>' if kind else \
        f'<line class="model" x1="{legend}" x2="{legend + 20}" y1="{place}" y2="{place}"/>'
    parts.append(f'{mark}<text x="{legend + 30}" y="{place + 4}">{text}</text>')
with open(target, "w") as file:
    file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
               f"<title>Milliseconds of a training step. {' '.join(notes)}</title>\n<style>{style}</style>\n"
               f'<rect class="page" width="{width}" height="{height}"/>\n' + "\n".join(parts) + "\n</svg>\n")
