"""A program that is called like Airflow's and starts in no time, for tests of who starts and who ends its processes.

What Airflow itself does with them is tested with the real one: `test_up.py`, `tests/dags`.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROGRAM = """#!{python}
import http.server, json, os, sys, time

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        names = {{"scheduler", "dag_processor", "triggerer"}} - {{{broken!r}, {silent!r}}}
        healthy = dict.fromkeys(names, {{"status": "healthy"}})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(healthy).encode())

    def log_message(self, *words):
        pass

what = sys.argv[1]
if what == {broken!r}:
    sys.exit(3)
if what == "api-server":
    address = ("127.0.0.1", int(os.environ["AIRFLOW__API__PORT"]))
    http.server.HTTPServer(address, Health).serve_forever()
if what != "db":
    time.sleep(600)
"""


def write_airflow(folder: Path, broken: str = "", silent: str = "") -> Path:
    """The program in that folder. The component `broken` ends as soon as it is started, `silent` never gets healthy."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "airflow"
    path.write_text(PROGRAM.format(python=sys.executable, broken=broken, silent=silent))
    path.chmod(0o755)
    return path
