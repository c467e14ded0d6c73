#!/usr/bin/env bash
# The load of a big "Approve all": 500 approval webhooks within one second from 50 connections, the handler killed twice
# meanwhile. Fails unless nothing is lost, a replay changes no row, and the list of approvals was read at most five times;
# prints p50 and p99 of the answered requests. Another profile: tests/burst.sh --release
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --workspace --bins --quiet "$@"
exec cargo test --workspace --quiet "$@" --test burst -- --ignored --nocapture five_hundred
