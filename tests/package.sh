#!/usr/bin/env bash
# The package itself, built by infra/package as it is deployed: unpacked, it serves the burst and the payroll story on
# Azurite, told no more than Azure tells; then its figures.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "${1:-}" = --built ] || infra/package
export PACKAGE=target/package/clocking.zip
cargo test --workspace --quiet --test package
cargo test --workspace --quiet --test burst --test stories unpacked_package
cargo build --release --quiet --workspace --bins
python3 tests/figures.py --package
