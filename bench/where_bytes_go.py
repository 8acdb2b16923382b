"""Bytes of a program by the archive they come from: python3 bench/where_bytes_go.py LINK_MAP

The map is what the linker writes with -Wl,-Map=FILE. Debug and symbol sections are left out, as
in a
stripped program; so are sections that take no room in the file (.bss).
"""

import collections
import re
import sys

LEFT_OUT = (".debug", ".comment", ".bss", ".tbss", ".symtab", ".strtab", "COMMON", ".note")
PLACED = re.compile(r"^\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+(\S.*)$")


def owner(file):
    archive = re.match(r"(.*\.a)\(", file)
    name = (archive[1] if archive else file).split("/")[-1]
    return name if archive or name.startswith("crt") else "the program itself"


def main(path):
    lines = open(path, encoding="utf-8").read().split("Linker script and memory map", 1)[1]
    lines = re.sub(r"\n (\.\S+)\n\s+(0x)", r"\n \1 \2", lines).splitlines()
    total = collections.Counter()
    for line in lines:
        section = re.match(r"^ (\.\S+|COMMON)\s", line)
        if not section or section[1].startswith(LEFT_OUT):
            continue
        placed = PLACED.match(line[len(section[0]) - 1:])
        if placed and int(placed[1], 16) and "/" in placed[2] + "/":
            total[owner(placed[2])] += int(placed[1], 16)
    for name, count in total.most_common():
        print(f"{count:10,} {name}")
    print(f"{sum(total.values()):10,} in all")


if __name__ == "__main__":
    main(sys.argv[1])
