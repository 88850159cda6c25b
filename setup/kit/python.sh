# Finds a Python that Odoo 19 runs on, lets kit.bootstrap prepare the environment, then runs a kit module inside it.
# Sourced by the commands of setup/; sets nothing else.
set -euo pipefail
SETUP_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
CACHE_DIR="${FLUXFORCE_CACHE:-$SETUP_DIR/../.cache}"

python_works() {
    "$1" -c 'import sys, venv, ensurepip; raise SystemExit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    # 3.12 first: it is the version Odoo's pins are best supplied with wheels for.
    local version candidate
    for version in 3.12 3.11 3.13 3.10; do
        for candidate in "${PYTHON:-}" "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python; do
            if [ -n "$candidate" ] && python_works "$candidate"; then
                printf '%s\n' "$candidate"
                return 0
            fi
        done
    done
    python_works python3 && printf 'python3\n'
}

run_in_environment() {
    local python
    if ! command -v git >/dev/null; then
        echo "✗ git is missing. Install it and run this again." >&2
        exit 2
    fi
    if ! python="$(find_python)"; then
        echo "✗ No Python 3.10 to 3.13 with venv was found. Install one (on Debian and Ubuntu also its package" \
             "python3-venv), or name it: PYTHON=/path/to/python setup/…" >&2
        exit 2
    fi
    export PYTHONPATH="$SETUP_DIR" FLUXFORCE_CACHE="$CACHE_DIR"
    # A library of the embedded PostgreSQL remarks on a folder that is missing in containers.
    export PYTHONWARNINGS="ignore:XDG_RUNTIME_DIR is not set"
    "$python" -m kit.bootstrap
    exec "$CACHE_DIR/venv/bin/python" -m "$@"
}
