#!/usr/bin/env bash
# rlab eval against trec_eval on a run of 6,980 queries x 1,000 documents with graded qrels: both on this machine, in
# turn, in one go. Needs trec_eval on PATH (https://github.com/usnistgov/trec_eval, built from source), GNU time, awk.
# Usage: bench/eval.sh [rounds]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
data=${BENCH_DATA:-$(mktemp -d)}
mkdir -p "$data"

command -v trec_eval >/dev/null || { echo "error: trec_eval is not on PATH" >&2; exit 1; }
dotnet build src/RerankLab.Cli -c Release -v quiet >/dev/null
rlab=$(ls -d src/RerankLab.Cli/bin/Release/net10.0/*/rlab | head -n 1)

# A run in score order with six decimals, as retrieval tools write them; 40 judgements a query among its documents.
if [ ! -s "$data/qrels.txt" ]; then
  awk -v run="$data/run.trec" -v qrels="$data/qrels.txt" 'BEGIN {
    srand(1)
    for (q = 0; q < 6980; q++) {
      id = 1000000 + q * 7; score = 30; delete seen
      for (rank = 1; rank <= 1000; rank++) {
        do doc = int(rand() * 8841823); while (doc in seen)
        seen[doc]; score -= rand() * 0.02
        printf "%d Q0 %d %d %.6f bench\n", id, doc, rank, score > run
        if (rank % 25 == 0) printf "%d 0 %d %d\n", id, doc, int(rand() * 4) > qrels
      }
    }
  }'
fi

six=(-m nDCG@10 -m AP -m RR -m P@10 -m R@100 -m Success@1)
six_trec=(-m ndcg_cut.10 -m map -m recip_rank -m P.10 -m recall.100 -m success.1)
all=("${six[@]}" -m nDCG -m Rprec -m Bpref -m Judged@10 -m RBP -m ERR@20 -m SetP -m SetR -m SetF -m NumRet -m NumRel -m NumRelRet)
all_trec=("${six_trec[@]}" -m ndcg -m Rprec -m bpref -m rbp -m set_P -m set_recall -m set_F -m num_ret -m num_rel -m num_rel_ret)

rm -f "$data/lab.db"
"$rlab" import "$data/run.trec" --name big --qrels "$data/qrels.txt" --lab "$data/lab.db" >/dev/null 2>&1

# name, seconds, kilobytes of one process
measure() { local name=$1; shift; /usr/bin/time -o "$data/time" -f '%e %M' "$@" >/dev/null 2>&1; echo "$name $(cat "$data/time")"; }

for ((round = 0; round < rounds; round++)); do
  measure trec_eval-6     trec_eval -c "${six_trec[@]}" "$data/qrels.txt" "$data/run.trec"
  measure rlab-file-6     "$rlab" eval --run-file "$data/run.trec" --qrels "$data/qrels.txt" "${six[@]}"
  measure rlab-lab-6      "$rlab" eval big --lab "$data/lab.db" "${six[@]}"
  measure trec_eval-all   trec_eval -c "${all_trec[@]}" "$data/qrels.txt" "$data/run.trec"
  measure rlab-file-all   "$rlab" eval --run-file "$data/run.trec" --qrels "$data/qrels.txt" "${all[@]}"
  measure rlab-lab-all    "$rlab" eval big --lab "$data/lab.db" "${all[@]}"
  measure rlab-start      "$rlab" --version
done > "$data/times"

# Medians, and ratios to trec_eval with the same measures.
awk '
  function median(name, field,   n, i, j, t, v) {
    n = split(values[name, field], v, " ")
    for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
    return v[int((n + 1) / 2)]
  }
  { if (!($1 in seen)) { seen[$1] = 1; order[++names] = $1 }
    values[$1, "s"] = values[$1, "s"] " " $2; values[$1, "kb"] = values[$1, "kb"] " " $3 }
  END {
    printf "%-16s %8s %8s %14s\n", "what", "seconds", "MB", "of trec_eval"
    for (i = 1; i <= names; i++) {
      name = order[i]; split(name, part, "-"); peer = "trec_eval-" part[3]
      ratio = (peer, "s") in values ? sprintf("%.2f", median(name, "s") / median(peer, "s")) : ""
      printf "%-16s %8.2f %8.0f %14s\n", name, median(name, "s"), median(name, "kb") / 1024, ratio
    }
  }' "$data/times"

# The same numbers, or none of the above means anything.
diff <(trec_eval -c "${six_trec[@]}" "$data/qrels.txt" "$data/run.trec" | awk '{ print $3 }' | sort) \
     <("$rlab" eval big --lab "$data/lab.db" "${six[@]}" --format tsv 2>/dev/null | awk 'NR > 1 { printf "%.4f\n", $4 }' | sort) \
  && echo "values agree to 4 decimals"
