"""Writes the deployment package and its SBOM. Called by infra/package: package.py BINARY OUT_FOLDER."""

import json
import pathlib
import subprocess
import sys
import zipfile

binary, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
executable = json.loads(pathlib.Path("host.json").read_text())["customHandler"]["description"]["defaultExecutablePath"]


def add(archive, name, source, mode):
    """One file with its Unix mode and a fixed time, so that equal input gives an equal package."""
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, source.read_bytes(), compresslevel=9)


package = out / "clocking.zip"
with zipfile.ZipFile(package, "w") as archive:
    add(archive, "host.json", pathlib.Path("host.json"), 0o644)
    add(archive, executable, binary, 0o755)
    for definition in sorted(pathlib.Path("function-definitions").glob("*/function.json")):
        add(archive, f"{definition.parent.name}/function.json", definition, 0o644)

metadata = json.loads(subprocess.check_output(
    ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]))
packages = {p["id"]: p for p in metadata["packages"]}
nodes = {n["id"]: n for n in metadata["resolve"]["nodes"]}
root = next(i for i, p in packages.items() if p["name"] == "handlers")
linked, waiting = set(), [root]
while waiting:  # what the handler links: normal dependencies, not those of tests or build scripts
    current = waiting.pop()
    if current in linked:
        continue
    linked.add(current)
    waiting += [d["pkg"] for d in nodes[current]["deps"] if any(k["kind"] is None for k in d["dep_kinds"])]


def component(package_id):
    p = packages[package_id]
    entry = {"type": "library", "name": p["name"], "version": p["version"],
             "purl": f"pkg:cargo/{p['name']}@{p['version']}"}
    if p["license"]:
        entry["licenses"] = [{"expression": p["license"].replace("/", " OR ")}]
    return entry


sbom = {
    "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
    "metadata": {"component": {"type": "application", "name": "clocking", "version": packages[root]["version"]}},
    "components": sorted((component(i) for i in linked if i != root), key=lambda c: (c["name"], c["version"])),
}
(out / "clocking.cdx.json").write_text(json.dumps(sbom, indent=1) + "\n")
print(f"{package.name}: {package.stat().st_size / 1e6:.1f} MB; handler {binary.stat().st_size / 1e6:.1f} MB; "
      f"{len(sbom['components'])} crates in the SBOM")
