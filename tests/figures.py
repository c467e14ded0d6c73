"""Start, memory and size of the built handler, printed as the table that the README shows (medians of five runs).

    cargo build --release && python3 tests/figures.py            # what the demo runs
    infra/package && python3 tests/figures.py --package           # what is deployed
"""

import argparse
import http.client
import os
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUNS = 5
PATIENCE_SECONDS = 20


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().read() is not None
    except OSError:
        return False
    finally:
        connection.close()


def resident_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def one_start(handler):
    """Milliseconds from the start of the process to its first answer, and MiB in memory once /health was asked."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": os.environ["PATH"], "FUNCTIONS_CUSTOMHANDLER_PORT": str(port)}
        began = time.perf_counter()
        process = subprocess.Popen([handler], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        try:
            while not answers(port, "/"):
                if process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                    raise SystemExit(f"{handler} does not answer")
                time.sleep(0.0005)
            took = (time.perf_counter() - began) * 1000
            answers(port, "/api/health")
            return took, resident_mib(process.pid)
        finally:
            process.kill()
            process.wait()


def after_the_demo(handler, local_host):
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(
            [local_host, "--demo", "--once", "--port", "0", "--app", ROOT, "--data", folder, "--handler", handler],
            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return int(re.search(r"(\d+) MiB in memory", said)[1])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--package", action="store_true", help="measure target/package/clocking.zip")
    package = ROOT / "target/package/clocking.zip"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        if arguments.parse_args().package:
            with zipfile.ZipFile(package) as archive:
                handler = pathlib.Path(archive.extract("handlers", folder))
            handler.chmod(0o755)
            rows.append(("package, zipped", f"{package.stat().st_size / 1e6:.1f} MB", "under 10 MB"))
        else:
            handler = ROOT / "target/release/handlers"
        starts = [one_start(handler) for _ in range(RUNS)]
        rows.append(("start of the process to its first answer", f"{statistics.median(s for s, _ in starts):.1f} ms", "under 20 ms"))
        rows.append(("memory, idle", f"{statistics.median(m for _, m in starts):.1f} MiB", "under 20 MB"))
        memory = after_the_demo(handler, ROOT / "target/release/local-host")
        rows.append(("memory after the demo", f"{memory} MiB", "under 60 MB"))
    print("| figure | measured | aim |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
