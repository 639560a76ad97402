#!/usr/bin/env bash
# Peak memory (maximum resident set) of whole processes, at 1,000 and 50,000 queries of 100 passages, in every form that an experiment's data
# can have, with four of a hundred candidates judged and with all, and how many bytes a pair lie between the two.
#   cached  rlab run, all scores known: reading, keys, look-up, planning, ranking, evaluating and recording are in it.
#   scored  rlab run, no score known: besides, a model is loaded, every pair tokenised, scored by ONNX Runtime and written to a new lab file.
#           The model costs next to nothing a pair (lab/TinyModel.cs).
#   cold    plans to score every pair, and ends: what needs no model.
# Needs GNU time, gzip and 15 GB of disk; half an hour on two cores.
# Usage: [FORMS="jsonl gzip pairs pairs-run collection"] [JUDGED="some all"] [KINDS="cached scored cold"] bench/memory.sh [queries]     (50000)
set -euo pipefail
cd "$(dirname "$0")/.."
many=${1:-50000}
few=$((many / 50))
data=${BENCH_DATA:-$(mktemp -d)}

dotnet build bench/lab -c Release -v quiet >/dev/null
dotnet build src/RerankLab.Cli -c Release -v quiet >/dev/null
bench=(dotnet bench/lab/bin/Release/net10.0/LabBench.dll)
rlab=${RLAB:-$(ls -d "$PWD"/src/RerankLab.Cli/bin/Release/net10.0/*/rlab | head -n 1)}

"${bench[@]}" model "$data/tiny" 0
for queries in $few $many; do
  folder="$data/$queries"
  [ -e "$folder/done" ] && continue
  mkdir -p "$folder"
  "${bench[@]}" fill "$folder/lab.db" "$queries" >/dev/null
  "${bench[@]}" tsv "$folder/pairs.tsv" "$queries"
  "${bench[@]}" collection "$folder" "$queries"
  for judged in some all; do
    "${bench[@]}" jsonl "$folder/$judged.jsonl" "$queries" $judged
    gzip -1 -k "$folder/$judged.jsonl"
    "${bench[@]}" qrels "$folder/$judged.qrels" "$queries" $judged
  done
  touch "$folder/done"
done

# experiment FORM JUDGED MODEL: what is in the dataset section of an experiment with a model
experiment() {
  case $1 in
    jsonl) dataset="candidates: $2.jsonl" ;;
    gzip) dataset="candidates: $2.jsonl.gz" ;;
    pairs) dataset="pairs: pairs.tsv, qrels: $2.qrels" ;;
    pairs-run) dataset="pairs: pairs.tsv, run: run.trec, qrels: $2.qrels" ;;
    collection) dataset="queries: queries.tsv, corpus: corpus.jsonl, run: run.trec, qrels: $2.qrels" ;;
  esac
  printf 'name: %s\ndataset: { %s }\nscorer: { model: %s, precision: fp32, max_length: 512 }\nmeasures: [nDCG@10, RR@10, R@100, AP]\n' \
    "$1" "$dataset" "$3"
}
# peak COMMAND...: kilobytes and seconds
peak() { /usr/bin/time -o "$data/peak" -f '%M %e' "$@" >"$data/out" 2>"$data/err" || { cat "$data/err" >&2; exit 1; }; cat "$data/peak"; }
# measure KIND FORM JUDGED QUERIES: the same
measure() {
  local folder=$data/$4 model=bench
  [ "$1" = scored ] && model=../tiny
  [ "$1" = cached ] && cp "$folder/lab.db" "$folder/run.db"
  experiment "$2" "$3" $model > "$folder/run.yaml"
  if [ "$1" = cold ]; then peak "${bench[@]}" plan "$folder/run.yaml" 0
  else peak "$rlab" run "$folder/run.yaml" --lab "$folder/run.db" --format tsv; fi
  rm -f "$folder"/run.db*
}

echo "# $(uptime)"
for judged in ${JUDGED:-some all}; do
  for form in ${FORMS:-jsonl gzip pairs pairs-run collection}; do
    for kind in ${KINDS:-cached scored cold}; do
      small=$(measure "$kind" "$form" "$judged" "$few")
      large=$(measure "$kind" "$form" "$judged" "$many")
      awk -v name="$form, $judged judged, $kind" -v f="$small" -v m="$large" -v pairs="$(((many - few) * 100))" 'BEGIN {
        split(f, a, " "); split(m, b, " ")
        printf "%s\t%.0f MB\t%.0f MB\t%.1f bytes a pair\t%.1f s\n", name, a[1] / 1024, b[1] / 1024, (b[1] - a[1]) * 1024 / pairs, b[2] }'
      [ "$kind" != cold ] || sed "s/^/$form, cold: /" "$data/out"
    done
  done
done
