#!/usr/bin/env bash
# Tokenising on one thread: rlab, Microsoft.ML.Tokenizers and Hugging Face's Rust tokenizers called from Node, in one go, on
# English abstracts and on a mix of 21 languages. Needs ../shared (real tokenizers and texts), jq, Node, and in tests/reference:
# npm install --ignore-scripts.
# Usage: bench/tokenize.sh [rounds]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
texts=$(mktemp -d)
trap 'rm -rf "$texts"' EXIT

# A text a line.
jq -r '(.title + " " + .text) | gsub("[\r\n\\x{85}\\x{2028}\\x{2029}]"; " ")' ../shared/data/scifact/corpus.jsonl > "$texts/english"
jq -r '.passage | gsub("[\r\n\\x{85}\\x{2028}\\x{2029}]"; " ")' ../shared/tokenizers/xlmr-metaspace/expected.jsonl > "$texts/mixed"
dotnet build bench/tokenizing -c Release -v quiet >/dev/null

printf '%-18s %-8s %-11s %9s %8s %12s %10s\n' tokenizer texts who tokens seconds 'M tokens/s' 'rlab / it'
for tokenizer in bert-base-uncased xlmr-metaspace modernbert qwen3; do
  for kind in english mixed; do
    { taskset -c 0 dotnet bench/tokenizing/bin/Release/net10.0/Tokenizing.dll "../shared/tokenizers/$tokenizer" "$texts/$kind" "$rounds"
      node bench/tokenizing/tokenize.mjs "../shared/tokenizers/$tokenizer" "$texts/$kind" "$rounds"; } |
    awk -v tokenizer="$tokenizer" -v kind="$kind" '
      function median(who,   n, i, j, t, v) {
        n = split(seconds[who], v, " ")
        for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
        return v[int((n + 1) / 2)]
      }
      { seconds[$1] = seconds[$1] " " $3; tokens[$1] = $2 }
      function line(who,   rate, ratio) {
        if (!(who in tokens)) return
        rate = tokens[who] / median(who) / 1e6
        if (who == "rlab") ours = rate
        ratio = who == "rlab" ? "" : sprintf("%.2f", ours / rate)
        printf "%-18s %-8s %-11s %9d %8.3f %12.2f %10s\n", tokenizer, kind, who, tokens[who], median(who), rate, ratio
      }
      END {
        line("rlab"); line("microsoft"); line("rust")
        if (kind != "english") exit
        theirs = "microsoft" in tokens ? sprintf("%.2f s", median("microsoft-load")) : "-"
        printf "%-18s loading: rlab %.2f s, microsoft %s, rust %.2f s\n", tokenizer, median("rlab-load"), theirs, median("rust-load")
      }'
  done
done
