"""Where the instructions of a call go: python3 bench/call_profile.py FEW MANY [CALLS]

FEW and MANY are callgrind.out files of two runs that differ by CALLS calls (2,000 unless told);
scripts/bench instructions leaves them in build/bench/run. Prints instructions a call: by library,
then
by function, with and without what it calls.
"""

import collections
import re
import subprocess
import sys


def load(path, inclusive):
    command = ["callgrind_annotate", "--threshold=100", "--show-percs=no"]
    if inclusive:
        command.append("--inclusive=yes")
    text = subprocess.run([*command, path], capture_output=True, text=True, check=True).stdout
    counts = collections.Counter()
    for line in text.splitlines():
        found = re.match(r"\s*([\d,]+)\s+[^:]*:(.*?)(?: \[(.*)\])?$", line)
        if found:
            where = found[2].strip(), (found[3] or "").split("/")[-1]
            counts[where] += int(found[1].replace(",", ""))
    return counts


def show(title, rows, least):
    print(f"-- {title}")
    for name, count in sorted(rows.items(), key=lambda row: -row[1]):
        if count >= least:
            print(f"{count:9,.0f} {name[:110]}")


def main(few, many, calls=2000):
    for inclusive in (False, True):
        before, after = load(few, inclusive), load(many, inclusive)
        each = {key: (after[key] - before[key]) / int(calls) for key in after}
        if not inclusive:
            libraries = collections.Counter()
            for (_, library), count in each.items():
                libraries[library or "?"] += count
            show(f"by library, {sum(libraries.values()):,.0f} in all", libraries, 20)
        functions = collections.Counter()
        for (name, library), count in each.items():
            functions[f"{name} [{library}]"] += count
        show("functions with what they call" if inclusive else "functions alone", functions,
             400 if inclusive else 100)


if __name__ == "__main__":
    main(*sys.argv[1:])
