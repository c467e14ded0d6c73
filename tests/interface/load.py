"""Prints the median time of each LEM operation on SQLite, through local-host, one request after another. The aim is a
median under 10 ms with a release build:

    cargo build --release --workspace && python tests/interface/load.py target/release
"""

import http.client
import itertools
import json
import pathlib
import statistics
import sys
import time
import urllib.parse

from house import ROOT, Site, house, signature

DATA = ROOT / "target/load"
AIM_MS = 10
# What the company has already: old sheets, and some that are being written.
SHEETS_BEFORE = {"submitted": 300, "draft": 20}
TIMES = 100


def main():
    programs = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/debug").resolve()
    with house(DATA, programs) as caller:
        site = Site(caller)
        for state in itertools.chain.from_iterable([state] * count for state, count in SHEETS_BEFORE.items()):
            site.sheet(state)
        timer = Timer(caller)
        reads(timer, site)
        for n in range(TIMES):
            names_and_rates(timer, site, n)
            ticket(timer, site, n)
    timer.show(programs.name)


def reads(timer, site):
    paths = [
        *("/whoami", "/lookups/clients", "/lookups/projects", "/lookups/employees", "/roles", "/equipment"),
        *("/rates/workers", "/rates/equipment", "/lem-sheets?limit=50", "/lem-sheets?limit=200"),
    ]
    for path in itertools.chain.from_iterable([path] * TIMES for path in paths):
        timer.call("GET", path)
    for _ in range(TIMES):
        timer.call("GET", f"/lem-sheets/draft?projectId={site.project}", name="/lem-sheets/draft")


def names_and_rates(timer, site, n):
    name = {"clientId": site.client, "name": f"New {n}"}
    timer.call("POST", "/roles", name)
    timer.call("POST", "/equipment", name)
    timer.call("PUT", "/rates/workers", site.rate(roleId=site.role, workRate=n))
    timer.call("PUT", "/rates/equipment", site.rate(equipmentId=site.machine, dayRate=n))


def ticket(timer, site, n):
    """A ticket from its creation to its signature, and one that is rejected and revised."""
    sheet = timer.call("POST", "/lem-sheets", site.ticket())
    of = Sheet(timer, sheet)
    of.call("GET", "")
    of.call("PATCH", "", {"notes": f"Task {n}"})
    worker = of.call("PUT", "/workers", site.worker("Kim Osei"))
    machine = of.call("POST", "/equipment", site.equipment())
    material = of.call("POST", "/materials", site.material())
    of.call("PUT", "/equipment/{lineId}", site.equipment() | {"quantity": 2}, machine["id"])
    of.call("PUT", "/materials/{lineId}", site.material() | {"quantity": 2}, material["id"])
    for kind, line in (("workers", worker), ("equipment", machine), ("materials", material)):
        of.call("DELETE", f"/{kind}/{{lineId}}", None, line["id"])
    of.call("POST", "/submit", {})
    of.call("POST", "/sign", signature())
    of.call("GET", "/signature")
    revision = Sheet(timer, of.call("POST", "/revise", {}))
    revision.call("POST", "/submit", {})
    revision.call("POST", "/reject", {"reason": "Wrong hours"})
    revision.call("DELETE", "")


class Sheet:
    def __init__(self, timer, sheet):
        self.timer = timer
        self.id = sheet["id"]

    def call(self, method, below, body=None, line=""):
        path = f"/lem-sheets/{self.id}" + below.replace("{lineId}", line)
        return self.timer.call(method, path, body, name="/lem-sheets/{id}" + below)


class Timer:
    """One connection, kept open."""

    def __init__(self, caller):
        address = urllib.parse.urlsplit(caller.base)
        self.connection = http.client.HTTPConnection(address.hostname, address.port)
        self.headers = {"x-api-key": caller.key, "content-type": "application/json"}
        self.taken_ms = {}

    def call(self, method, path, body=None, name=None):
        sent = None if body is None else json.dumps(body)
        started = time.perf_counter()
        self.connection.request(method, "/api" + path, sent, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        taken_ms = (time.perf_counter() - started) * 1000
        if answer.status >= 400:
            sys.exit(f"{method} {path}: {answer.status} {text.decode()}")
        self.taken_ms.setdefault(f"{method} {name or path}", []).append(taken_ms)
        return json.loads(text)

    def show(self, build):
        print(f"{build} build, {TIMES} times each, milliseconds; * over the aim of {AIM_MS}")
        print(f"{'median':>8} {'95 %':>8}  operation")
        for name, taken in sorted(self.taken_ms.items(), key=lambda item: item[0].split()[::-1]):
            median = statistics.median(taken)
            slow = statistics.quantiles(taken, n=20)[-1]
            print(f"{median:8.2f} {slow:8.2f}{'*' if median >= AIM_MS else ' '} {name}")


main()
