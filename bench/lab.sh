#!/usr/bin/env bash
# The lab file at ten million scores of one scorer, 100 a query: filling, closing, opening, looking a million pairs up, compacting,
# a fully cached run of 600,000 pairs; and beside it the caches that it replaces, on the same data.
# Needs GNU time and Python 3; 6 GB of disk and 4 GB of memory.
# Usage: bench/lab.sh [queries]     (100 scores each; 100000)
set -euo pipefail
cd "$(dirname "$0")/.."
queries=${1:-100000}
pairs=$((queries >= 10000 ? 1000000 : queries * 100))
data=${BENCH_DATA:-$(mktemp -d)}
mkdir -p "$data"

dotnet build bench/lab -c Release -v quiet >/dev/null
dotnet publish src/RerankLab.Cli -v quiet -o "$data/rlab" >/dev/null
bench=(dotnet bench/lab/bin/Release/net10.0/LabBench.dll)
rlab=$data/rlab/rlab
megabytes() { awk -v what="$1" '{ printf "%s\t%.0f\tMB\n", what, $1 / 1024 }' "$data/memory"; }

echo "# $(uptime)"
rm -f "$data"/lab.db* "$data"/banded.db*
"${bench[@]}" fill "$data/lab.db" "$queries"
/usr/bin/time -o "$data/memory" -f %M "${bench[@]}" lookup "$data/lab.db" "$queries" "$pairs"
megabytes "lab file: peak memory, the texts included"
"${bench[@]}" few "$data/lab.db" "$queries" 10
"${bench[@]}" few "$data/lab.db" "$queries" 1
"${bench[@]}" fill-banded "$data/banded.db" "$((queries / 10))" | sed 's/^/in the order of a run: /'

echo "# $(uptime)"
time_of() { local name=$1; shift; /usr/bin/time -o "$data/time" -f %e "$@" >/dev/null 2>&1; printf '%s\t%s\ts\n' "$name" "$(cat "$data/time")"; }
time_of "rlab cache check" "$rlab" cache check --lab "$data/lab.db"
time_of "rlab cache stats" "$rlab" cache stats --lab "$data/lab.db"
time_of "rlab cache compact" "$rlab" cache compact --lab "$data/lab.db"
echo -e "bytes a score, compacted\t$(awk -v b="$(stat -c %s "$data/lab.db")" -v q="$queries" 'BEGIN { printf "%.2f", b / q / 100 }')\tbytes"

# A run whose pairs are all known: needs no model.
"${bench[@]}" jsonl "$data/candidates.jsonl" "$((queries < 6000 ? queries : 6000))"
cat > "$data/cached.yaml" <<YAML
name: cached
dataset: { candidates: candidates.jsonl }
scorer: { model: bench, precision: fp32, max_length: 512 }
measures: [nDCG@10, RR@10, R@100, AP]
YAML
for round in 1 2 3; do
  /usr/bin/time -o "$data/memory" -f '%M %e' "$rlab" run "$data/cached.yaml" --lab "$data/lab.db" --format tsv 2>/dev/null \
    | awk -F'\t' -v r="$round" '$1 ~ /^seconds/ { printf "cached run %s, %s\t%.2f\ts\n", r, substr($1, 9), $2 }'
  awk -v r="$round" '{ printf "cached run %s, whole process\t%.2f\ts\ncached run %s, peak memory\t%.0f\tMB\n", r, $2, r, $1 / 1024 }' "$data/memory"
done

echo "# $(uptime)"
python3 bench/lab/peers.py json "$data" "$queries" "$pairs"
python3 bench/lab/peers.py sqlite "$data" "$queries" "$pairs"
"${bench[@]}" lookup "$data/lab.db" "$queries" "$pairs" | grep "end to end" | sed 's/^/again, beside the peers: /'
echo "# $(uptime)"
