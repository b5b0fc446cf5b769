"""An ingest service: HTTP in, a pool of workers with retries, a table with a file, a dashboard.

    rebeam main.py 8000
    curl -d '{"id": "1", "sensor": "north", "value": 20}' http://127.0.0.1:8000/readings

What it acknowledged is in the table, and is worked on once, whatever dies meanwhile.
"""

import http.server
import sys

from calibration import Calibration
from pool import Queue, worker
from intake import Handler

from rebeam import REST_FOR_ONE, Supervisor, child

WORKERS = 4


def tree(server: http.server.HTTPServer) -> Supervisor:
    """Below each other: what is needed stands before what needs it, and ends after it."""
    workers = [
        child(worker, id=f"worker {number}", restart="permanent") for number in range(WORKERS)
    ]
    pool = Supervisor(workers, name="pool", max_restarts=20)
    work = Supervisor([Queue, pool], strategy=REST_FOR_ONE, max_restarts=10)
    web = child(server.serve_forever, id="web", name="web", restart="permanent")
    return Supervisor([Calibration, work, web], max_restarts=20)


if __name__ == "__main__":
    # The socket is the program's: while the server starts again, who connects waits.
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    tree(server)
