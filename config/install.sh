#!/usr/bin/env bash
# Makes the environment and installs one pinned requirements file: with uv where it is there, else with pip.
set -euo pipefail
venv=$1
requirements=$2
python=${CUSTOMER360_PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "error: Python 3.11 or newer is needed; $python is $("$python" -V 2>&1). Set PYTHON=/path/to/python3.11" >&2
  exit 1
}
mkdir -p "$venv" 2>/dev/null && [ -w "$venv" ] || {
  echo "error: this user may not write to $venv. Set CUSTOMER360_RUN_DIR to a folder of your own" >&2
  exit 1
}
echo "Installing $requirements into $venv (1.7 GB, a minute or two) ..."
if command -v uv >/dev/null 2>&1; then
  # One that was killed while it was made, or whose Python is gone, is made anew: uv refuses a folder that is there.
  [ -x "$venv/bin/python" ] && [ -e "$venv/pyvenv.cfg" ] || { rm -rf "$venv" && uv venv -q --python "$python" "$venv"; }
  uv pip install -q --python "$venv/bin/python" -r "$requirements"
else
  [ -x "$venv/bin/pip" ] || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check -r "$requirements"
fi
