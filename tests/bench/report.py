#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What ./dev bench measured, as a table, JSON and a plot.

usage: report.py DIR             prints the tables
       report.py DIR --record D  also writes D/table.json, D/tables.md and D/create.svg
       report.py DIR --check F   also compares each ratio with that of F, a table.json of an earlier
                                 run, and ends with 1 if one has lost more than 30 %

DIR/NAME.samples has lines "CASE TOOL DOMAINS VALUE" (tests/lab/bench.sh); NAME is the boot they
come from. Values are microseconds, KiB where the case is memory. Figures are medians.
"""
import json
import pathlib
import statistics
import sys

LOSS = 0.30
XENSTORED = {"c": "C xenstored", "ocaml": "oxenstored"}


class Samples:
    """The values of one boot by (case, tool, domains)."""

    def __init__(self, path):
        self.boot = path.stem
        self.values = {}
        for line in path.read_text().splitlines():
            case, tool, domains, value = line.split()
            self.values.setdefault((case, tool, int(domains)), []).append(int(value))

    def of(self, case, tool, domains=0):
        return self.values.get((case, tool, domains), [])

    def counts(self):
        return sorted({n for (case, tool, n) in self.values if (case, tool) == ("create", "xl")})

    def stages(self, suffix, domains=0):
        """Of such a create: (name, median) in the order in which they were reached."""
        prefix = f"stage{suffix}/"
        return [(case[len(prefix):], statistics.median(values))
                for (case, _, n), values in self.values.items()
                if case.startswith(prefix) and n == domains]


def figure(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values),
            "count": len(values)}


class Table:
    """Rows that say how many times the second of two figures goes into the first, by medians."""

    def __init__(self, samples):
        self.samples = samples
        self.rows = []

    def add(self, goal, what, first, second, wanted):
        """first, second: (name, case, tool, domains); wanted: (comparison, bound)."""
        values = [self.samples.of(*key) for _, *key in (first, second)]
        if not all(values):
            return
        ratio = statistics.median(values[0]) / statistics.median(values[1])
        comparison, bound = wanted
        is_met = ratio >= bound if comparison == ">=" else ratio <= bound
        self.rows.append({"boot": self.samples.boot, "goal": goal, "what": what,
                          "figures": [{"of": name, **figure(v)}
                                      for (name, *_), v in zip((first, second), values)],
                          "ratio": round(ratio, 3), "wanted": f"{comparison} {bound:g}",
                          "met": is_met})

    def add_against_xl(self, goal, what, case, domains, bound):
        self.add(goal, what, ("xl", case, "xl", domains), ("pvhctl", case, "pvhctl", domains),
                 (">=", bound))

    def add_memory(self, domains):
        values = [v / 1024 for v in self.samples.of("memory", "pvhd", domains)]
        if values:
            self.rows.append({"boot": self.samples.boot, "goal": "P6",
                              "what": f"pvhd's resident MiB beside {domains} domains",
                              "figures": [{"of": "MiB", **figure(values)}],
                              "ratio": round(values[0], 2), "wanted": "<= 16",
                              "met": values[0] <= 16})


def table_of(s):
    table = Table(s)
    table.add_against_xl("P1", "create of 4 MiB alone", "create", 0, 10)
    table.add("P1", "the same, request to unpause, in floors",
              ("pvhd", "request-to-run", "pvhd", 0), ("floor", "create", "floor", 0), ("<=", 1.4))
    table.add("pool", "create of 4 MiB that is built ahead, request to unpause, in xl's",
              ("xl", "create-pool", "xl", 0), ("pvhd", "request-to-run-pool", "pvhd", 0),
              (">=", 100))
    table.add_against_xl("pool", "the same, pvhctl included", "create-pool", 0, 30)
    for n in s.counts():
        if n:
            table.add_against_xl("P2", f"create beside {n}", "create", n, 30)
            table.add("P2", f"create beside {n}, in those alone",
                      (f"beside {n}", "create", "pvhctl", n), ("alone", "create", "pvhctl", 0),
                      ("<=", 1.2))
    table.add_against_xl("P3", "create of Debian's xz bzImage, warm", "create-linux", 0, 30)
    table.add("P3", "the same, cold, in xl's", ("pvhctl", "create-linux", "pvhctl-cold", 0),
              ("xl", "create-linux", "xl", 0), ("<=", 0.7))
    for n in s.counts():
        table.add_against_xl("P4", f"destroy beside {n}", "destroy", n, 5)
    for n in s.counts():
        if n >= 200:
            table.add_against_xl("P5", f"list of {n}", "list", n, 20)
            table.add_memory(n)
    table.add("P7", "40 creates at once by one worker, in those by two, on 2 CPUs",
              ("one", "create-40", "workers-1", 0), ("two", "create-40", "workers-2", 0),
              (">=", 1.5))
    table.add_against_xl("P8", "create with a raw file and a bridged vif", "create-devices", 0, 10)
    return table.rows


def shown(f):
    scale = 1 if f["of"] == "MiB" else 1000  # to MiB, or from microseconds to ms
    low, mid, high = (f[k] / scale for k in ("min", "median", "max"))
    return f"{f['of']} {mid:.1f} ({low:.1f}–{high:.1f})"


def markdown(rows):
    lines = ["| goal | what | on | median ms (least–most) | ratio | wanted | |",
             "|---|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row['goal']} | {row['what']} | {XENSTORED[row['boot']]} | "
                     f"{', '.join(shown(f) for f in row['figures'])} | {row['ratio']:g} | "
                     f"{row['wanted']} | {'met' if row['met'] else 'missed'} |")
    return "\n".join(lines) + "\n"


def stage_table(boots):
    """Where pvhd's part of a create goes, alone and beside the most domains."""
    lines = []
    for s in boots:
        counts = s.counts()
        if not counts or not s.stages("", counts[0]):
            continue
        last = dict(s.stages("", counts[-1]))
        lines += [f"\n| stage, {XENSTORED[s.boot]} | µs alone | µs beside {counts[-1]} |",
                  "|---|---|---|"]
        lines += [f"| {name} | {took:.0f} | {last.get(name, 0):.0f} |"
                  for name, took in s.stages("", counts[0])]
        lines += [f"\n| stage, built ahead, {XENSTORED[s.boot]} | µs |", "|---|---|"]
        lines += [f"| {name} | {took:.0f} |" for name, took in s.stages("-pool")]
    return "\n".join(lines) + "\n"


COLOURS = {"xl": "#b5482e", "pvhctl": "#2456a6", "floor": "#5b8a3c"}
DASHES = {"c": "", "ocaml": "6 4"}


def plot(boots):
    """Create time over the number of domains, on a logarithmic scale from 10 ms to 10 s."""
    width, height, left, bottom, top = 640, 400, 70, 350, 20
    decades = (10, 100, 1000, 10000)
    most = max((n for s in boots for n in s.counts()), default=0) or 1

    def at(n, us):
        part = (min(max(us / 1000, decades[0]), decades[-1]) / decades[0])
        from math import log10
        return (left + n / most * (width - left - 110), bottom - log10(part) / 3 * (bottom - top))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="white"/>']
    for ms in decades:
        x, y = at(0, ms * 1000)
        out.append(f'<path d="M{x} {y:.1f}H{width - 110}" stroke="#ddd"/>'
                   f'<text x="{x - 8}" y="{y + 4:.1f}" text-anchor="end">{ms} ms</text>')
    for n in sorted({n for s in boots for n in s.counts()}):
        x, _ = at(n, 10000)
        out.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{n}</text>')
    out.append(f'<text x="{(left + width - 110) / 2}" y="{bottom + 38}" text-anchor="middle">'
               'domains that are there</text>')
    for s in boots:
        for tool, colour in COLOURS.items():
            points = [at(n, statistics.median(s.of("create", tool, n)))
                      for n in s.counts() if s.of("create", tool, n)]
            if not points:
                continue
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            x, y = points[-1]
            name = {"c": "C", "ocaml": "OCaml"}.get(s.boot, s.boot)
            out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
                       f'stroke-dasharray="{DASHES.get(s.boot, "")}"/>'
                       f'<text x="{x + 6:.1f}" y="{y + (4 if s.boot == "c" else 16):.1f}" '
                       f'fill="{colour}">{tool}, {name}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def lost(rows, recorded):
    """Of the recorded rows: those that are not there any more, or worse by more than LOSS."""
    now = {(row["boot"], row["what"]): row for row in rows}
    for old in recorded["rows"]:
        row = now.get((old["boot"], old["what"]))
        name = f"{old['goal']} {old['what']}, {old['boot']}"
        if row is None:
            yield f"{name}: not measured"
            continue
        is_more_better = row["wanted"].startswith(">=")
        change = row["ratio"] / old["ratio"] if is_more_better else old["ratio"] / row["ratio"]
        if change < 1 - LOSS:
            yield f"{name}: {row['ratio']:g}, was {old['ratio']:g}"


def main(arguments):
    folder = pathlib.Path(arguments[0])
    boots = [Samples(path) for path in sorted(folder.glob("*.samples"))]
    if not boots:
        sys.exit(f"report.py: {folder} has no samples")
    rows = [row for samples in boots for row in table_of(samples)]
    text = markdown(rows) + stage_table(boots)
    print(text, end="")
    if arguments[1:2] == ["--record"]:
        place = pathlib.Path(arguments[2])
        place.mkdir(parents=True, exist_ok=True)
        (place / "tables.md").write_text(
            "# What `./dev bench --record` has measured last\n\n" + text)
        (place / "table.json").write_text(json.dumps({"rows": rows}, indent=1) + "\n")
        (place / "create.svg").write_text(plot([s for s in boots if s.counts()]))
    if arguments[1:2] == ["--check"]:
        losses = list(lost(rows, json.loads(pathlib.Path(arguments[2]).read_text())))
        for loss in losses:
            print(f"lost: {loss}", file=sys.stderr)
        return 1 if losses else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
