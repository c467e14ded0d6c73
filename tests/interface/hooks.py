"""Puts what there is into three of four requests, so that more is met than *not found* and *refused*; the others go
out as they were made. Which, and what, follows from the request alone: the same seed sends the same requests. Counts
what each operation answered."""

import collections
import hashlib
import json
import os
import pathlib

import schemathesis

KNOWN = json.loads(os.environ["FUZZ_KNOWN"])
MET = pathlib.Path(os.environ["FUZZ_MET"])
KINDS = ["payroll", "billing", "billable-summary", "time-status", "lem-sheet", "lem-timesheet"]
RESOURCES = ["timesheets", "clients", "users", "projects", "tags", "policies", "time-off", "holidays", "expenses"]
WORDS = {
    "kind": KINDS,
    "resource": RESOURCES,
    "date": ["2026-11-03", "11/3/2026", "2026-11-04T05:00:00Z"],
    "validFrom": ["2026-01-01", "2026-06-15"],
    "from": ["2026-11-01"],
    "to": ["2026-11-07"],
    "basis": ["unit", "day"],
    "worker": ["Dana Poole", "Kim Osei"],
    "reason": ["Wrong hours"],
    "description": ["Lath"],
    "unit": ["each", None],
    "clear": [["notes"], []],
    # Nobody insists on having seen the newest, and each record is a new one.
    "version": [None],
    "id": [None],
    # A report may be waited for 100 s; the tests do not.
    "wait": ["1"],
    "limit": ["5"],
    "cursor": [""],
    "number": [""],
    "status": [""],
    "archived": ["all"],
}
# The state in which a sheet takes an act; a draft takes the others.
STATES = {"sign": "submitted", "reject": "submitted", "revise": "rejected", "signature": "signed"}
AMOUNTS = {
    *("workHours", "travelHours", "calcHours", "meals", "hotelNights", "quantity", "unitCost", "markupPercent"),
    *("workRate", "travelRate", "calcRate", "mealRate", "hotelRate", "unitRate", "dayRate"),
}
WHOLE = {"meals", "hotelNights"}
met = collections.defaultdict(collections.Counter)


@schemathesis.hook
def before_call(context, case, kwargs):
    kwargs["allow_redirects"] = False
    chance = Chance([case.method, case.operation.path, case.path_parameters, case.query, case.body])
    if chance.below(4) == 0:
        return
    if case.path_parameters:
        case.path_parameters.update(place(case.operation.path, case.path_parameters, chance))
    for fields in (case.query, case.body):
        replace(fields, chance)


@schemathesis.hook
def after_call(context, case, response):
    met[f"{case.operation.method.upper()} {case.operation.path}"][response.status_code] += 1
    MET.write_text(json.dumps(met))


def place(path, names, chance):
    """A sheet in the right state, and a line that stands on it; a job; a word that the path takes."""
    known = {name: chance.among(WORDS[name]) for name in names if name in WORDS and name != "id"}
    if path.startswith("/lem-sheets/"):
        sheet = chance.among(KNOWN["sheets"][STATES.get(path.rpartition("/")[2], "draft")])
        known["id"] = sheet["id"]
        for kind in ("workers", "equipment", "materials"):
            if f"/{kind}/" in path:
                known["lineId"] = sheet[kind][0]["id"]
    elif path.startswith("/jobs/"):
        known["id"] = chance.among(KNOWN["jobId"])
    return known


def replace(part, chance):
    if isinstance(part, list):
        for item in part:
            replace(item, chance)
    elif hasattr(part, "items"):
        for name, value in list(part.items()):
            if chance.below(16) == 0:
                continue
            if name in KNOWN:
                part[name] = chance.among(KNOWN[name])
            elif name in WORDS:
                part[name] = chance.among(WORDS[name])
            elif name in AMOUNTS:
                part[name] = chance.below(20) if name in WHOLE else chance.below(2000) / 100
            else:
                replace(value, chance)


class Chance:
    """Numbers that follow from a request."""

    def __init__(self, request):
        text = json.dumps(request, sort_keys=True, default=repr)
        self.state = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

    def below(self, end):
        self.state = hashlib.sha256(self.state).digest()
        return int.from_bytes(self.state[:8], "big") % end

    def among(self, values):
        return values[self.below(len(values))]
