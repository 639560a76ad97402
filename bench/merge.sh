#!/usr/bin/env bash
# Merging lab files: two of 5 M scores each, of one scorer and different queries, into a new file; again into that file; one into the other.
# Needs 1.7 GB of disk.
# Usage: bench/merge.sh [queries]     (100 scores each in either file; 50000)
set -euo pipefail
cd "$(dirname "$0")/.."
data=${BENCH_DATA:-$(mktemp -d)}
mkdir -p "$data"
dotnet build bench/merge -c Release -v quiet >/dev/null
echo "# $(uptime)"
dotnet bench/merge/bin/Release/net10.0/MergeBench.dll "$data" "${1:-50000}"
echo "# $(uptime)"
rm -f "$data"/{a,b,merged}.db
