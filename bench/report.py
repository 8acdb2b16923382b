"""One line per figure, and whether it reaches its target."""

import statistics

missed = []


def fmt(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def line(name, value, unit, peer=None, ratio=None, reach=None):
    """`peer` is (name, value); `reach` is (text, whether it is reached), or None for a report."""
    mark = ""
    if reach is not None:
        mark = f"   {reach[0]}: {'met' if reach[1] else 'missed'}"
        if not reach[1]:
            missed.append(name)
    other = f"{peer[0]} {fmt(peer[1])} {unit}" if peer else "-"
    if ratio is None and peer and peer[1]:
        ratio = value / peer[1]
    print(f"{name:34} {fmt(value):>9} {unit} | {other} | {fmt(ratio)}{mark}", flush=True)


def skipped(name, why):
    print(f"{name:34} skipped: {why}", flush=True)


def at_most(value, bound, text=None):
    return (text or f"<= {fmt(bound)}", value <= bound)


def at_least(value, bound, text=None):
    return (text or f">= {fmt(bound)}", value >= bound)


def median(values):
    return statistics.median(values)
