#!/usr/bin/env python3
"""Who may include whom, and who may touch the operating system, a clock or a random source."""

import re

import lintlib
from lintlib import Finding, Rule, pattern_rule

# A folder of src/ and the layers that it may use besides itself.
FOLDERS = {
    "base": set(),
    "grpcframe": {"base"},
    "h2": {"base", "grpcframe"},
    "rpc": {"base", "grpcframe", "h2"},
    "tls": {"base"},
    "uv": {"base", "rpc", "seam", "driver"},
    "json": {"base"},
    "protojson": {"base", "json"},
    "client": {"base", "grpcframe", "rpc", "tls", "json", "protojson", "seam", "pb"},
    "cli": {"base", "grpcframe", "rpc", "tls", "uv", "json", "protojson", "seam", "driver",
            "client", "umbrella"},
}
# Public headers by the layer that they belong to; what is not named belongs to the client.
#   seam    between operations and whoever runs them
#   driver  the loops
PUBLIC = {
    "base": ("status.h", "result.h", "metadata.h", "time.h", "random.h", "filter.h", "version.h",
             "log.h", "trace.h", "rich_status.h"),
    "rpc": ("rpc/", "core.h", "observer.h"),
    "tls": ("tls.h", "tls_key_store.h", "tls_signing_key.h"),
    "seam": ("internal/executor.h",),
    "driver": ("uv.h", "runtime.h", "dialer.h", "resolver.h"),
    "umbrella": ("minim.h",),
}
PUBLIC_MAY_USE = {
    "base": set(), "rpc": {"base"}, "tls": {"base"}, "seam": {"base", "rpc"},
    "driver": {"base", "rpc", "seam"}, "client": {"base", "rpc", "tls", "seam"},
    "umbrella": {"base", "rpc", "tls", "seam", "driver", "client"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
# Libraries: who may include them. One .cc of src/ may include nlohmann (see below).
LIBRARIES = {
    r"nghttp2/": ("src/h2/",),
    r"openssl/": ("src/tls/",),
    r"uv\.h$|uv/.*": ("src/uv/", "include/minim/uv.h"),
    r"zlib\.h$": ("src/grpcframe/",),
    r"nlohmann/": ("src/json/", "src/client/", "include/minim/json.h"),
    r"google/protobuf/": ("src/client/", "include/minim/protobuf.h"),
    r".*\.pb\.h$": ("src/client/",),
    r"CLI/": ("src/cli/",),
    r"(sys|net|netinet|arpa)/|(unistd|netdb|poll|pthread|signal|fcntl|dlfcn|nss)\.h$":
        ("src/uv/", "src/cli/", "src/tls/file.cc", "src/tls/key_log.cc"),
    r"(fstream|iostream|filesystem|random)$": ("src/cli/",),
    r"(thread|mutex|condition_variable|stop_token|future)$":
        ("src/uv/", "src/cli/", "src/client/", "src/tls/", "include/minim/"),
}


def layer_of(path):
    """The layer of a file in the repository, or of what an include line names; None: not ours."""
    if path.endswith(".pb.h"):
        return "pb"
    path = path.removeprefix("include/").removeprefix("src/")
    head, _, rest = path.partition("/")
    if head == "minim":
        for layer, names in PUBLIC.items():
            if any(rest == name or name.endswith("/") and rest.startswith(name) for name in names):
                return layer
        return "client"
    return head if head in FOLDERS and rest else None


def may_use(path):
    layer = layer_of(path)
    if path.startswith("include/"):
        return PUBLIC_MAY_USE[layer] | {layer}
    # A source of a folder uses the public headers of its own layer; the driver's are src/uv's.
    return FOLDERS[layer] | {layer}


def includes(tree, prefixes):
    for path in tree.paths(prefixes, lintlib.CPP):
        for number, line in tree.code_lines(path):
            match = INCLUDE.match(line)
            if match:
                yield path, number, match.group(1)


def find_upward(tree):
    for path, number, name in includes(tree, ("src/", "include/")):
        used = layer_of(name)
        if layer_of(path) is None:
            yield Finding(path, number, "no layer is known for this file: tests/lint/layers.py")
        elif used and name != path.removeprefix("src/") and used not in may_use(path):
            yield Finding(path, number, f"{layer_of(path)} must not include {name} ({used})")


def find_libraries(tree):
    for path, number, name in includes(tree, ("src/", "include/")):
        if layer_of(name) and not name.endswith(".pb.h"):
            continue
        for pattern, allowed in LIBRARIES.items():
            if re.match(pattern, name) and not path.startswith(allowed):
                yield Finding(path, number, f"<{name}> belongs to {', '.join(allowed)}")


def find_foreign_in_public(tree):
    """Public headers: the standard library (no dot, no slash) and our own."""
    for path, number, name in includes(tree, ("include/",)):
        exempt = path in ("include/minim/uv.h", "include/minim/json.h", "include/minim/protobuf.h")
        if not name.startswith("minim/") and re.search(r"[./]", name) and not exempt:
            yield Finding(path, number, f"<{name}> in a public header")


def find_second_nlohmann(tree):
    users = sorted({path for path, _, name in includes(tree, ("src/",))
                    if name.startswith("nlohmann/")})
    for path in users:
        if path.endswith(".h") or len(users) > 1:
            yield Finding(path, 0, "nlohmann/json is included by one .cc only, never by a header: "
                          + ", ".join(users))


SANS_IO = (*(f"src/{folder}/" for folder in FOLDERS if folder not in ("uv", "cli")), "include/")

RULES = [
    Rule("layers", find_upward,
         [{"src/base/a.cc": '#include "rpc/link.h"\n'},
          {"src/rpc/a.cc": '#include "minim/client.h"\n'},
          {"src/tls/a.cc": '#include "uv/link.h"\n'},
          {"src/client/a.cc": '#include "uv/link.h"\n'},
          {"src/json/a.h": '#include "grpcframe/gzip.h"\n'},
          {"src/rpc/a.cc": '#include "minim/pb/failure.pb.h"\n'},
          {"include/minim/status.h": '#include "minim/payload.h"\n'},
          {"include/minim/client.h": '#include "minim/uv.h"\n'},
          {"src/new/a.cc": '#include <vector>\n'}],
         [{"src/rpc/a.cc": '#include "h2/session.h"\n#include "minim/rpc/call.h"\n'},
          {"src/rpc/a.cc": '// #include "client/wire.h"\n'},
          {"include/minim/minim.h": '#include "minim/uv.h"\n'}]),
    Rule("libraries", find_libraries,
         [{"src/rpc/a.cc": "#include <nghttp2/nghttp2.h>\n"},
          {"src/uv/a.cc": "#include <openssl/ssl.h>\n"},
          {"src/client/a.cc": "#include <uv.h>\n"},
          {"src/cli/a.cc": '#include "minim/pb/failure.pb.h"\n'},
          {"src/h2/a.cc": "#include <sys/socket.h>\n"},
          {"src/base/a.cc": "#include <thread>\n"}],
         [{"src/h2/a.cc": "#include <nghttp2/nghttp2.h>\n",
           "include/minim/uv.h": "#include <uv.h>\n"}]),
    Rule("public headers", find_foreign_in_public,
         [{"include/minim/client.h": "#include <google/protobuf/message.h>\n"}],
         [{"include/minim/client.h": '#include <vector>\n#include "minim/status.h"\n'}]),
    Rule("one nlohmann", find_second_nlohmann,
         [{"src/json/a.cc": "#include <nlohmann/json.hpp>\n",
           "src/client/b.cc": "#include <nlohmann/json.hpp>\n"},
          {"src/json/a.h": "#include <nlohmann/json.hpp>\n"}],
         [{"src/json/a.cc": "#include <nlohmann/json.hpp>\n"}]),
    pattern_rule("no clock", r"_clock::now\b|\b(clock_gettime|gettimeofday|timespec_get)\b"
                 r"|\bstd::time\s*\(|[^\w.>:]time\s*\((nullptr|NULL|0)\)",
                 "only src/uv reads a clock", SANS_IO,
                 refuses=["auto t = std::chrono::steady_clock::now();", "x = time(nullptr);"],
                 accepts=["std::chrono::steady_clock::time_point t;  // steady_clock::now()"]),
    pattern_rule("no randomness",
                 r"\b(getrandom|getentropy|random_device|mt19937\w*|arc4random\w*)\b"
                 r"|\b(std::)?s?rand\s*\(", "only src/uv draws randomness", SANS_IO,
                 refuses=["getrandom(buffer, 16, 0);", "int x = std::rand();"],
                 accepts=["random.fill(bytes);", "operand(1);"]),
    pattern_rule("no threads below the driver", r"\bstd::(j?thread|async)\b|\bpthread_create\b",
                 "only src/uv starts threads", SANS_IO,
                 refuses=["std::thread t([] {});"], accepts=["std::this_thread::get_id();"]),
]

if __name__ == "__main__":
    lintlib.main(RULES)
