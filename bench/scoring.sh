#!/usr/bin/env bash
# Scoring on the CPU: rlab run as a process, from its start to the closed lab file, in turn with onnxruntime-node and Hugging Face's Rust
# tokenizers on the same model and pairs (three workloads: scoring/workloads.mjs; three ways to batch: scoring/peer.mjs); then rlab's
# pipeline in turn with InferenceSession.Run alone, and without a model. Ends by comparing the logits. Both may use all cores:
# onnxruntime-node has as many threads in a run as there are cores, unless told otherwise, and one run at a time.
# Needs ../shared (a real model, SciFact), Node, jq, GNU time. Three rounds of 2,000 pairs take an hour on two cores.
# Usage: bench/scoring.sh [pairs] [rounds]     (2000, at most 6000; 3)
set -euo pipefail
cd "$(dirname "$0")/.."
pairs=${1:-2000}
rounds=${2:-3}
data=${BENCH_DATA:-$(mktemp -d)}
mkdir -p "$data"
model=../shared/models/minilm-scifact-cross-encoder
cores=$(nproc)

[ -d tests/reference/node_modules ] || npm install --prefix tests/reference --ignore-scripts --no-audit --no-fund --silent
dotnet publish src/RerankLab.Cli -c Release --self-contained -p:OrtFlavor=Cpu -o "$data/publish" -v quiet >/dev/null
"$data/publish/rlab" --version >/dev/null
dotnet build bench/scoring -c Release -v quiet >/dev/null
bench=(dotnet "$(ls bench/scoring/bin/Release/net10.0/*/ScoringBench.dll | head -n 1)")

printf '%-9s %6s %12s %10s %6s %6s\n' workload pairs 'mean tokens' deviation '10 %' '90 %'
node bench/scoring/workloads.mjs $model ../shared/data/scifact "$data" "$pairs" |
  awk -F'\t' '{ printf "%-9s %6d %12d %10d %6d %6d\n", $1, $2, $3, $4, $5, $6 }'

# Each prints: workload, who, seconds of the process, processor seconds of it in user and in kernel mode, seconds of loading the model,
# tokens, tokens with padding.
timed() { /usr/bin/time -o "$data/time" -f '%e\t%U\t%S' "$@"; }
rlab() {
  rm -f "$data/$1.db"
  timed "$data/publish/rlab" run "$data/$1.yaml" --lab "$data/$1.db" --format json > "$data/run.json" 2> "$data/talk" ||
    { cat "$data/talk" >&2; exit 1; }
  "$data/publish/rlab" export "$1" --lab "$data/$1.db" --format trec 2>/dev/null | awk '{ print $1 "\t" $3 "\t" $5 }' > "$data/$1.rlab.tsv"
  echo -e "$1\trlab\t$(cat "$data/time")\t$(jq -r '[.seconds["load model"], .tokens, .padded_tokens] | @tsv' "$data/run.json")"
}
peer() {
  local workload=$1 mode=$2 threads=${3:-} length
  length=$(sed -n 's/.*max_length: \([0-9]*\).*/\1/p' "$data/$workload.yaml")
  timed node bench/scoring/peer.mjs $model "$data/$workload.jsonl" "$length" "$mode" "$data/$workload.$mode.tsv" $threads \
    > "$data/line"
  echo -e "$workload\t$mode${threads:+, intra-op $threads}\t$(cat "$data/time")\t$(cut -f 1,3,4 "$data/line")"
}
# Medians, and how many times as fast rlab is.
table() {
  awk -F'\t' -v pairs="$pairs" '
    function median(name, field,   n, i, j, t, v) {
      n = split(values[name, field], v, " ")
      for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
      return v[int((n + 1) / 2)]
    }
    function add(name, field, seconds) { values[name, field] = values[name, field] " " 1000 * seconds / pairs }
    { name = $1 "\t" $2
      if (!(name in padding)) order[++names] = name
      add(name, "whole", $3); add(name, "scoring", $3 - $6); add(name, "processor", $4 + $5)
      padding[name] = 100 * ($8 / $7 - 1) }
    END {
      printf "%-9s %-20s %10s %16s %13s %9s %16s %16s\n", "workload", "who", "ms a pair", "without loading", "processor ms", "padding",
        "rlab is, whole", "without loading"
      for (i = 1; i <= names; i++) {
        name = order[i]; split(name, part, "\t"); ours = part[1] "\trlab"
        printf "%-9s %-20s %10.2f %16.2f %13.2f %7.1f %%", part[1], part[2], median(name, "whole"), median(name, "scoring"),
          median(name, "processor"), padding[name]
        if (name == ours) print ""
        else printf " %16.2f %16.2f\n", median(name, "whole") / median(ours, "whole"), median(name, "scoring") / median(ours, "scoring")
      }
    }' "$data/times"
}

echo "# $(uptime)"
: > "$data/times"
for workload in scifact mixed short; do
  : > "$data/now"
  for ((round = 0; round < rounds; round++)); do
    rlab $workload
    peer $workload sorted
    # These are far from the best and take long: once.
    [ $round -gt 0 ] || { peer $workload single; peer $workload arrival; }
  done | tee -a "$data/now"
  # The peer's best with numbers of threads of our choice, once, so that nobody can say that it was held back.
  best=$(grep -v $'\trlab\t' "$data/now" | sort -t $'\t' -k 3n | head -n 1 | cut -f 2)
  for threads in 1 "$cores"; do peer $workload "$best" "$threads"; done | tee -a "$data/now"
  cat "$data/now" >> "$data/times"
done > "$data/log"
table

echo "# $(uptime)"
for workload in scifact mixed short; do
  "${bench[@]}" pipeline "$data/$workload.yaml" "$rounds" | sed "s/^/$workload: /"
done
"${bench[@]}" overhead 1000000

echo "# $(uptime)"
# The same logits, or none of the above means anything.
for workload in scifact mixed short; do
  for mode in single arrival sorted; do
    join -t $'\t' <(sed 's/\t/ /' "$data/$workload.rlab.tsv" | sort) <(sed 's/\t/ /' "$data/$workload.$mode.tsv" | sort) |
      awk -F'\t' -v what="$workload, $mode" -v pairs="$pairs" '
        { difference = $2 - $3; if (difference < 0) difference = -difference; if (difference > most) most = difference }
        END {
          printf "%s: %d of %d pairs compared, logits differ by at most %.1e\n", what, NR, pairs, most
          exit NR != pairs || most > 1e-4
        }'
  done
done
