#!/usr/bin/env bash
# Scoring on a GPU: rlab run over SciFact's 30,000 pairs in fp32 and fp16, and with TF32; ONNX Runtime alone on batches that were made
# before; sentence-transformers on a model of the same shape. Made for a machine without .NET: bring what publishes here make.
#   dotnet publish src/RerankLab.Cli -c Release -r linux-x64 --self-contained -p:OrtFlavor=Gpu -o publish
#   dotnet publish bench/scoring -c Release -r linux-x64 --self-contained -p:OrtFlavor=Gpu -o publish-bench
# Needs a model folder with fp32 and fp16 graphs, SciFact (as in ../shared), jq, and for the peer Python with sentence-transformers.
# Usage: bench/gpu.sh publish publish-bench MODEL SCIFACT
set -euo pipefail
rlab=$(realpath "$1")/rlab bench=$(realpath "$2")/ScoringBench model=$(realpath "$3") scifact=$(realpath "$4")
here=$(realpath "$(dirname "$0")")
data=$(mktemp -d)
cd "$data"

experiment() {
  cat > "$1.yaml" <<YAML
dataset: { queries: $scifact/queries.test.tsv, corpus: $scifact/corpus.jsonl, run: $scifact/run.bi-encoder.top100.trec }
scorer: { model: $model, max_length: 256, precision: $1 }
run: { device: cuda }
YAML
}
run() {
  local what=$1 precision=$2
  shift 2
  rm -f lab.db
  "$rlab" run "$precision.yaml" --format json "$@" 2>/dev/null |
    jq -r --arg what "$what" '[$what, .seconds.score, .scored / .seconds.score, .seconds.total] | @tsv' |
    awk -F'\t' '{ printf "rlab, %s\t%.2f\t%.0f\twhole run %.2f s\n", $1, $2, $3, $4 }'
}

nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
for precision in fp32 fp16; do
  experiment $precision
  for round in 1 2 3; do run $precision $precision; done
  "$bench" pipeline $precision.yaml 3 | sed "s/^/$precision: /"
done
run 'fp32 with TF32' fp32 --set run.cuda.use_tf32=1
python3 "$here/scoring/crossencoder.py" "$model" "$scifact/corpus.jsonl" "$scifact/queries.test.tsv" "$scifact/run.bi-encoder.top100.trec" 256
