#!/usr/bin/env bash
# rlab diff of ten runs over 7,000 queries (100 documents each, three measures): randomisation tests, bootstrap
# intervals, t-tests, agreement and the leaderboard, from the lab file. Needs GNU time, awk.
# Usage: bench/diff.sh [rounds]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
data=${BENCH_DATA:-$(mktemp -d)}
mkdir -p "$data"

dotnet build src/RerankLab.Cli -c Release -v quiet >/dev/null
rlab=$(ls -d src/RerankLab.Cli/bin/Release/net10.0/*/rlab | head -n 1)

# One hidden relevance a document, seen by each run through noise of its own.
awk -v folder="$data" 'BEGIN {
  srand(2)
  for (q = 0; q < 7000; q++)
    for (d = 0; d < 100; d++) {
      label = rand() < 0.03 ? 1 + int(rand() * 3) : 0
      print q, 0, "d" d, label > (folder "/diff.qrels")
      for (run = 0; run < 10; run++)
        printf "%d Q0 d%d 0 %.6f bench\n", q, d, label * (1 + run / 100) + rand() * 3 > (folder "/run" run ".trec")
    }
}'
rm -f "$data/diff.db"
runs=()
for run in 0 1 2 3 4 5 6 7 8 9; do
  "$rlab" import "$data/run$run.trec" --name "run$run" --qrels "$data/diff.qrels" --lab "$data/diff.db" >/dev/null 2>&1
  runs+=("run$run")
done
for ((round = 0; round < rounds; round++)); do
  /usr/bin/time -f '%e s, %M KB' "$rlab" diff "${runs[@]}" --lab "$data/diff.db" -m nDCG@10 -m RR@10 -m AP --moved 0 --format tsv 2>&1 >/dev/null | tail -n 1
done
