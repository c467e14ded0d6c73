"""Tries the whole interface with schemathesis: local-host, the real handler, the company of the demo and some LEM
sheets. Whatever is sent, in its form or out of it, no answer is a 5xx, has a status that the served document does
not name, or a body off its schema. Seed and number of requests are fixed (schemathesis.toml). Run from the root, after a build:

    python tests/fuzz/run.py

The document that Power Apps imports gives one schema per operation, because its designer takes no more. Here each
refusal gets the schema of a problem too, and each other success that of the first: more is held than is printed.
"""

import itertools
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
DATA = ROOT / "target/fuzz"
STARTS_WITHIN_SECONDS = 60
LONGEST_SECONDS = 300
# Of each of these at least one request must have succeeded, or the run proves little.
MUST_SUCCEED = ("/lem-sheets", "/roles", "/equipment", "/rates", "/lookups")
SHEETS = {"draft": 30, "submitted": 15, "signed": 2, "rejected": 15, "archived": 1}
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABc3UBGAAAAABJRU5ErkJggg=="
)


def main():
    company()
    with_log = (DATA / "local-host.log").open("wb")
    host = subprocess.Popen(
        [ROOT / "target/debug/local-host", "--port", "0", "--data", DATA, "--handler", ROOT / "target/debug/handlers"],
        cwd=ROOT,
        stdout=with_log,
        stderr=subprocess.STDOUT,
        env=dict(os.environ, LOCAL_RESTART_BUDGET="1"),
    )
    try:
        caller = Caller(*introduction(host))
        known = seed(caller)
        document = widened(caller.get("/openapi.json"))
        (DATA / "openapi.json").write_text(json.dumps(document))
        status = schemathesis(caller, known)
        never = never_succeeded(document)
        print("\nNever answered with success: " + (", ".join(never) or "none"))
        if any(name.split()[1].startswith(MUST_SUCCEED) for name in never):
            status = 1
        still_well = caller.get("/health")
        if still_well["status"] != "ok":
            sys.exit(f"afterwards the app is not well: {still_well}")
    finally:
        host.send_signal(signal.SIGINT)
        host.wait(timeout=30)
    sys.exit(status)


def company():
    """The records of the demo, in a folder of their own."""
    if not (DEMO / "clocking.db").exists():
        demo = [ROOT / "target/debug/local-host", "--demo", "--once", "--port", "0", "--data", DEMO.parent]
        subprocess.run([*demo, "--handler", ROOT / "target/debug/handlers"], cwd=ROOT, check=True)
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    for file in DEMO.glob("clocking.db*"):
        shutil.copy(file, DATA)
    shutil.copytree(DEMO / "storage", DATA / "storage")


def introduction(host):
    """Address and key, which the host prints first."""
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until and host.poll() is None:
        said = dict(
            line.split(maxsplit=1)
            for line in (DATA / "local-host.log").read_text().splitlines()
            if line.startswith(("address ", "key ", "data "))
        )
        if "data" in said:
            return said["address"].strip(), said["key"].strip()
        time.sleep(0.05)
    sys.exit("local-host does not start; see " + str(DATA / "local-host.log"))


class Caller:
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


def seed(caller):
    """LEM sheets in every state, and the ids of what there is, by the names that parameters and fields have."""
    project = caller.get("/lookups/projects?active=true&limit=5")["items"][0]
    client = project["clientId"]
    employees = [line["id"] for line in caller.get("/lookups/employees?limit=3")["items"]]
    role = caller.send("POST", "/roles", {"clientId": client, "name": "Surveyor"})["id"]
    machine = caller.send("POST", "/equipment", {"clientId": client, "name": "Total station"})["id"]
    place = {"clientId": client, "projectId": project["id"], "validFrom": "2020-01-01"}
    caller.send("PUT", "/rates/workers", place | {"roleId": role, "workRate": 95.5})
    caller.send("PUT", "/rates/equipment", place | {"equipmentId": machine, "dayRate": 150})
    sheets = {}
    for state in itertools.chain.from_iterable([state] * count for state, count in SHEETS.items()):
        sheet = caller.send("POST", "/lem-sheets", ticket(project, role, machine, employees))
        path = "/lem-sheets/" + sheet["id"]
        if state == "archived":
            caller.send("DELETE", path)
        if state in ("submitted", "signed", "rejected"):
            caller.send("POST", path + "/submit", {})
        if state == "signed":
            caller.send("POST", path + "/sign", {"name": "R. Ives", "signaturePng": PNG})
        if state == "rejected":
            caller.send("POST", path + "/reject", {"reason": "Wrong hours"})
        sheets.setdefault(state, []).append(sheet)
    return {
        "clientId": [client],
        "projectId": [project["id"]],
        "projectCode": [project["code"]],
        "employeeId": employees,
        "projectManagerId": employees,
        "roleId": [role],
        "equipmentId": [machine],
        "lemSheetId": [sheet["id"] for sheet in sheets["submitted"]],
        "signaturePng": [PNG],
        "jobId": [job["id"] for job in caller.get("/jobs?limit=5")["items"]],
        "sheets": sheets,
    }


def ticket(project, role, machine, employees):
    return {
        "projectId": project["id"],
        "date": "2026-11-03",
        "projectManagerId": employees[0],
        "description": "Ramp staked",
        "workers": [{"worker": "Dana Poole", "employeeId": employees[1], "roleId": role, "workHours": 8.25, "meals": 1}],
        "equipment": [{"equipmentId": machine, "quantity": 1, "basis": "day"}],
        "materials": [{"description": "Lath", "quantity": 3, "unitCost": 1.15, "markupPercent": 12.5}],
    }


def widened(document):
    """The served document with the schemas that the designer of Power Apps does not take."""
    document["produces"].append("application/problem+json")
    for operation in itertools.chain.from_iterable(path.values() for path in document["paths"].values()):
        responses = operation["responses"]
        success = next(answer["schema"] for answer in responses.values() if "schema" in answer)
        for status, answer in responses.items():
            if status == "303":
                continue
            # A job that is on its way is another body than a finished one; both are objects.
            other = {"type": "object"} if status == "202" else success
            answer.setdefault("schema", other if status < "400" else {"$ref": "#/definitions/Problem"})
    return document


def schemathesis(caller, known):
    program = pathlib.Path(sys.executable).parent / "schemathesis"
    settings = ROOT / "tests/fuzz/schemathesis.toml"
    arguments = [
        *("--config-file", settings, "run", DATA / "openapi.json", "--url", caller.base, "--no-color"),
        *("--header", "x-api-key: " + caller.key, *sys.argv[1:]),
    ]
    environment = dict(
        os.environ,
        PYTHONPATH=str(ROOT / "tests/fuzz"),
        PYTHONDONTWRITEBYTECODE="1",
        SCHEMATHESIS_HOOKS="hooks",
        FUZZ_KNOWN=json.dumps(known),
        FUZZ_MET=str(DATA / "met.json"),
    )
    return subprocess.run([program, *arguments], cwd=DATA, env=environment, timeout=LONGEST_SECONDS).returncode


def never_succeeded(document):
    met = json.loads((DATA / "met.json").read_text())
    names = (
        f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods
    )
    return [name for name in names if not any(status < "400" for status in met.get(name, {}))]


main()
