"""local-host with the real handler and the company of the demo, for the scripts beside this one."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "target/demo/demo"
STARTS_WITHIN_SECONDS = 60
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABc3UBGAAAAABJRU5ErkJggg=="
)


@contextlib.contextmanager
def house(data, programs=ROOT / "target/debug"):
    """A caller of a fresh app whose data lies in that folder."""
    company(data, programs)
    log = data / "local-host.log"
    with log.open("wb") as output:
        host = subprocess.Popen(
            [programs / "local-host", "--port", "0", "--data", data, "--handler", programs / "handlers"],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(os.environ, LOCAL_RESTART_BUDGET="1", CALLER_REQUESTS_PER_SECOND="10000"),
        )
    try:
        yield Caller(*introduction(host, log))
    finally:
        host.send_signal(signal.SIGINT)
        host.wait(timeout=30)


def company(data, programs):
    """The records of the demo, in a folder of their own."""
    if not (DEMO / "clocking.db").exists():
        demo = [programs / "local-host", "--demo", "--once", "--port", "0", "--data", DEMO.parent]
        subprocess.run([*demo, "--handler", programs / "handlers"], cwd=ROOT, check=True)
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    for file in DEMO.glob("clocking.db*"):
        shutil.copy(file, data)
    shutil.copytree(DEMO / "storage", data / "storage")


def introduction(host, log):
    """Address and key, which the host prints first."""
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until and host.poll() is None:
        said = dict(
            line.split(maxsplit=1)
            for line in log.read_text().splitlines()
            if line.startswith(("address ", "key ", "data "))
        )
        if "data" in said:
            return said["address"].strip(), said["key"].strip()
        time.sleep(0.05)
    sys.exit(f"local-host does not start; see {log}")


class Caller:
    """Whoever holds the development key, which has every role."""

    def __init__(self, address, key):
        self.base = address + "/api"
        self.key = key

    def get(self, path):
        return self.send("GET", path)

    def send(self, method, path, body=None):
        request = urllib.request.Request(
            self.base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"x-api-key": self.key, "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            sys.exit(f"{method} {path}: {refusal.status} {refusal.read().decode()}")


class Site:
    """A project of the company with a role, a machine and their rates."""

    def __init__(self, caller):
        self.caller = caller
        project = caller.get("/lookups/projects?active=true&limit=1")["items"][0]
        self.client, self.project, self.code = project["clientId"], project["id"], project["code"]
        self.employees = [line["id"] for line in caller.get("/lookups/employees?limit=3")["items"]]
        self.role = caller.send("POST", "/roles", {"clientId": self.client, "name": "Surveyor of the trial"})["id"]
        self.machine = caller.send("POST", "/equipment", {"clientId": self.client, "name": "Scanner of the trial"})["id"]
        caller.send("PUT", "/rates/workers", self.rate(roleId=self.role, workRate=95.5))
        caller.send("PUT", "/rates/equipment", self.rate(equipmentId=self.machine, dayRate=150))

    def rate(self, **prices):
        return {"clientId": self.client, "projectId": self.project, "validFrom": "2020-01-01", **prices}

    def worker(self, name="Dana Poole"):
        return {"worker": name, "employeeId": self.employees[1], "roleId": self.role, "workHours": 8.25, "meals": 1}

    def equipment(self):
        return {"equipmentId": self.machine, "quantity": 1, "basis": "day"}

    def material(self):
        return {"description": "Lath", "quantity": 3, "unitCost": 1.15, "markupPercent": 12.5}

    def ticket(self):
        return {
            "projectId": self.project,
            "date": "2026-11-03",
            "projectManagerId": self.employees[0],
            "description": "Ramp staked",
            "workers": [self.worker()],
            "equipment": [self.equipment()],
            "materials": [self.material()],
        }

    def sheet(self, state):
        """A sheet in that state, as it was made."""
        sheet = self.caller.send("POST", "/lem-sheets", self.ticket())
        path = "/lem-sheets/" + sheet["id"]
        if state == "archived":
            self.caller.send("DELETE", path)
        if state in ("submitted", "signed", "rejected"):
            self.caller.send("POST", path + "/submit", {})
        if state == "signed":
            self.caller.send("POST", path + "/sign", signature())
        if state == "rejected":
            self.caller.send("POST", path + "/reject", {"reason": "Wrong hours"})
        return sheet


def signature():
    return {"name": "R. Ives", "signaturePng": PNG}
