#!/usr/bin/env bash
# Peak memory (maximum resident set) of whole processes of rlab run, at 1,000 and 50,000 queries of 100 passages, in every form that an
# experiment's data can have, and how many bytes a pair lie between the two. All scores are known: reading, keys, look-up, planning,
# ranking, evaluating and recording are in it. "cold" plans to score every pair instead, which needs no model: without loading and scoring.
# Needs GNU time, gzip and 15 GB of disk.
# Usage: bench/memory.sh [queries]     (50000)
set -euo pipefail
cd "$(dirname "$0")/.."
many=${1:-50000}
few=$((many / 50))
data=${BENCH_DATA:-$(mktemp -d)}

dotnet build bench/lab -c Release -v quiet >/dev/null
dotnet build src/RerankLab.Cli -c Release -v quiet >/dev/null
bench=(dotnet bench/lab/bin/Release/net10.0/LabBench.dll)
rlab=${RLAB:-$(ls -d "$PWD"/src/RerankLab.Cli/bin/Release/net10.0/*/rlab | head -n 1)}

for queries in $few $many; do
  folder="$data/$queries"
  [ -e "$folder/done" ] && continue
  mkdir -p "$folder"
  "${bench[@]}" fill "$folder/lab.db" "$queries" >/dev/null
  "${bench[@]}" jsonl "$folder/candidates.jsonl" "$queries"
  gzip -1 -k "$folder/candidates.jsonl"
  "${bench[@]}" tsv "$folder/pairs.tsv" "$queries"
  "${bench[@]}" collection "$folder" "$queries"
  "${bench[@]}" qrels "$folder/qrels.txt" "$queries"
  experiment() {
    printf 'name: %s\ndataset: { %s }\nscorer: { model: bench, precision: fp32, max_length: 512 }\nmeasures: [nDCG@10, RR@10, R@100, AP]\n' \
      "$1" "$2" > "$folder/$1.yaml"
  }
  experiment jsonl "candidates: candidates.jsonl"
  experiment gzip "candidates: candidates.jsonl.gz"
  experiment pairs "pairs: pairs.tsv, qrels: qrels.txt"
  experiment pairs-run "pairs: pairs.tsv, run: run.trec, qrels: qrels.txt"
  experiment collection "queries: queries.tsv, corpus: corpus.jsonl, run: run.trec, qrels: qrels.txt"
  touch "$folder/done"
done

# peak COMMAND...: kilobytes and seconds
peak() { /usr/bin/time -o "$data/peak" -f '%M %e' "$@" >"$data/out" 2>"$data/err" || { cat "$data/err" >&2; exit 1; }; cat "$data/peak"; }
report() { # NAME "KB S" "KB S"
  awk -v name="$1" -v f="$2" -v m="$3" -v pairs="$(((many - few) * 100))" 'BEGIN {
    split(f, a, " "); split(m, b, " ")
    printf "%s\t%.0f MB\t%.0f MB\t%.1f bytes a pair\t%.1f s\n", name, a[1] / 1024, b[1] / 1024, (b[1] - a[1]) * 1024 / pairs, b[2] }'
}

echo "# $(uptime)"
for form in ${FORMS:-jsonl gzip pairs pairs-run collection}; do
  for queries in $few $many; do
    cp "$data/$queries/lab.db" "$data/$queries/run.db"
    declare "cached_$queries=$(peak "$rlab" run "$data/$queries/$form.yaml" --lab "$data/$queries/run.db" --format tsv)"
    declare "cold_$queries=$(peak "${bench[@]}" plan "$data/$queries/$form.yaml" 0)"
    [ "$queries" = "$many" ] && cp "$data/out" "$data/plan-$form"
    rm -f "$data/$queries"/run.db*
  done
  few_cached=cached_$few many_cached=cached_$many few_cold=cold_$few many_cold=cold_$many
  report "$form, cached" "${!few_cached}" "${!many_cached}"
  report "$form, cold" "${!few_cold}" "${!many_cold}"
  sed "s/^/$form, cold: /" "$data/plan-$form"
done
