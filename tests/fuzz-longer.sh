#!/usr/bin/env bash
# The tests with made-up input, for longer than ./test runs them: hostile requests, webhooks, envelopes, names, durations,
# and the properties of the rules.
# usage: tests/fuzz-longer.sh [CASES]      cases for each property; 5000 takes about an hour on two cores
set -euo pipefail
cd "$(dirname "$0")/.."
export PROPTEST_CASES=${1:-5000}
cargo test --workspace --locked --test it -- hostile
cargo test --workspace --locked --test clockify -- hostile
cargo test --workspace --locked --test reports
cargo test --workspace --locked --lib
