#!/usr/bin/env bash
# The tests with made-up input, with new cases and more of them than ./test plays: hostile requests, webhooks, envelopes,
# names, durations, the properties of the rules, and random histories of edits.
# usage: tests/fuzz-longer.sh [CASES]      cases for each property
set -euo pipefail
cd "$(dirname "$0")/.."
unset PROPTEST_RNG_SEED
export PROPTEST_CASES=${1:-300}
cargo test --workspace --locked --test it -- hostile
cargo test --workspace --locked --test clockify -- hostile
cargo test --workspace --locked --test reports
cargo test --workspace --locked --lib
