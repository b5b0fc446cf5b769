"""Drives python/examples/ingest: clients that send readings, and what ends meanwhile.

python/examples/ingest.py FOLDER MODE. Each reading is sent until it is acknowledged, and is noted
then in the file that $ACKNOWLEDGED names.
"""

import http.client
import http.server
import importlib
import itertools
import json
import os
import signal
import sys
import threading

from rebeam import exit, whereis, which_children
from rebeam.testing import wait_until

FOLDER, MODE = sys.argv[1:]
CLIENTS, EACH = 4, 15
sys.path.insert(0, FOLDER)
ingest, intake, pool, store = map(importlib.import_module, ("main", "intake", "pool", "store"))

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), intake.Handler)
noted = os.open(os.environ["ACKNOWLEDGED"], os.O_CREAT | os.O_APPEND | os.O_RDWR)
acknowledged = itertools.count()
count = 0


def request(method, path, value=None):
    """(status, what came), or None if nothing came."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    try:
        connection.request(method, path, json.dumps(value) if value else None)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def send(key, sensor, value=1):
    while (
        answer := request("POST", "/readings", {"id": key, "sensor": sensor, "value": value})
    ) is None:
        pass
    assert answer[0] == 202, answer
    os.write(noted, f"{key}\n".encode())
    global count
    count = next(acknowledged) + 1


def client(who, keys):
    for n in keys:
        send(f"{MODE} {who} {n}", ("north", "south")[n % 2])


def clients(keys):
    started = [
        threading.Thread(target=client, args=(who, keys(who)), daemon=True)
        for who in range(CLIENTS)
    ]
    for each in started:
        each.start()
    return started


def settled():
    return "waiting" not in store.summary()["states"]


def kill(name):
    """Ends it, waits for the next one, and until that has taken something in."""
    before, so_far = whereis(name), count
    exit(before, "kill")
    wait_until(lambda: whereis(name) not in (None, before), 60)
    wait_until(lambda: count > so_far or count == CLIENTS * EACH, 60)


def workers():
    """Their processes, once all of them are there; the pool may be on its way back."""
    try:
        found = [each.pid for each in which_children("pool")]
    except LookupError:
        return None
    return found if all(found) and len(found) == ingest.WORKERS else None


def kill_a_worker():
    victim = wait_until(workers, 60)[0]
    exit(victim, "kill")
    wait_until(lambda: victim not in (workers() or [victim]), 60)


def storm():
    pool.ATTEMPTS = 100  # what ends here is no reading's fault
    sending = clients(lambda _: range(EACH))
    wait_until(lambda: count > 0, 60)
    for name in ("queue", "web", "calibration", "pool"):
        kill(name)
        kill_a_worker()
    for each in sending:
        each.join()
    wait_until(settled, 60)
    wait_until(workers, 60)
    print(request("GET", "/stats")[1])


def attempts():
    pool.PAUSE = 1.0  # what has ended is back by then, on a busy machine too
    print(request("POST", "/readings", {"id": 1}))
    print(request("POST", "/readings", {"id": "a", "sensor": "north", "value": 1}))
    print(request("POST", "/readings", {"id": "a", "sensor": "north", "value": 1}))
    send("b", "nowhere")
    wait_until(settled, 60)
    send("c", "broken")
    wait_until(settled, 60)
    for key in "abc":
        status, row = request("GET", f"/readings/{key}")
        print(status, row["state"], row["tries"], row.get("result", row.get("error")))
    print(request("GET", "/readings/d"))


def until(what):
    clients(lambda _: itertools.count())
    wait_until(lambda: count >= 20, 60)
    os.kill(os.getpid(), what)
    wait_until(lambda: False, 60)


def check():
    wait_until(settled, 60)
    os.lseek(noted, 0, os.SEEK_SET)
    keys = os.read(noted, 1_000_000).decode().split("\n")[:-1]
    print(
        "acknowledged:",
        len(keys) >= 40,
        "missing:",
        [key for key in keys if key not in store.readings],
    )
    found = store.summary()
    half = {"north": 0, "south": 0}
    for row in store.readings.values():
        half[row["sensor"]] += 1
    print(
        list(found["states"]),
        found["sums"] == {"north": 1.5 * half["north"], "south": 0.75 * half["south"]},
    )


MODES = {
    "storm": storm,
    "attempts": attempts,
    "term": lambda: until(signal.SIGTERM),
    "kill": lambda: until(signal.SIGKILL),
    "check": check,
}

if __name__ == "__main__":
    with ingest.tree(server):
        MODES[MODE]()
