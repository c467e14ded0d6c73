"""Tries the whole interface with schemathesis. Whatever is sent, in its form or out of it, no answer is a 5xx, has a
status that the served document does not name, or a body off its schema. Seed and number of requests are fixed
(schemathesis.toml). After a build, from the root:

    python tests/interface/fuzz.py

The document that Power Apps imports gives one schema per operation, because its designer takes no more. Here each
refusal gets the schema of a problem too, and each other success that of the first: more is held than is printed.
"""

import itertools
import json
import os
import pathlib
import subprocess
import sys

from house import PNG, ROOT, Site, house

DATA = ROOT / "target/interface"
LONGEST_SECONDS = 300
# Of each of these at least one request must have succeeded, or the run proves little.
MUST_SUCCEED = ("/lem-sheets", "/roles", "/equipment", "/rates", "/lookups")
SHEETS = {"draft": 30, "submitted": 15, "signed": 2, "rejected": 15, "archived": 1}


def main():
    with house(DATA) as caller:
        known = seed(caller)
        document = widened(caller.get("/openapi.json"))
        (DATA / "openapi.json").write_text(json.dumps(document))
        status = schemathesis(caller, known)
        health = caller.get("/health")
    never = never_succeeded(document)
    print("\nNever answered with success: " + (", ".join(never) or "none"))
    if any(name.split()[1].startswith(MUST_SUCCEED) for name in never):
        status = 1
    if health["status"] != "ok":
        sys.exit(f"afterwards the app is not well: {health}")
    sys.exit(status)


def seed(caller):
    """LEM sheets in every state, and the ids of what there is, by the names that parameters and fields have."""
    site = Site(caller)
    sheets = {state: [site.sheet(state) for _ in range(count)] for state, count in SHEETS.items()}
    return {
        "clientId": [site.client],
        "projectId": [site.project],
        "projectCode": [site.code],
        "employeeId": site.employees,
        "projectManagerId": site.employees,
        "roleId": [site.role],
        "equipmentId": [site.machine],
        "lemSheetId": [sheet["id"] for sheet in sheets["submitted"]],
        "signaturePng": [PNG],
        "jobId": [job["id"] for job in caller.get("/jobs?limit=5")["items"]],
        "sheets": sheets,
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
    beside = pathlib.Path(__file__).parent
    arguments = [
        *("--config-file", beside / "schemathesis.toml", "run", DATA / "openapi.json", "--url", caller.base),
        *("--no-color", "--header", "x-api-key: " + caller.key, *sys.argv[1:]),
    ]
    environment = dict(
        os.environ,
        PYTHONPATH=str(beside),
        PYTHONDONTWRITEBYTECODE="1",
        SCHEMATHESIS_HOOKS="hooks",
        FUZZ_KNOWN=json.dumps(known),
        FUZZ_MET=str(DATA / "met.json"),
    )
    program = pathlib.Path(sys.executable).parent / "schemathesis"
    return subprocess.run([program, *arguments], cwd=DATA, env=environment, timeout=LONGEST_SECONDS).returncode


def never_succeeded(document):
    met = json.loads((DATA / "met.json").read_text())
    names = (f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods)
    return [name for name in names if not any(status < "400" for status in met.get(name, {}))]


main()
