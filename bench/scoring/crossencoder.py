# sentence-transformers' CrossEncoder over the pairs of a first-stage run, on a GPU: a model of the same shape as the one measured, with
# random weights (the time does not depend on them), its tokenizer, and batches as they come. Prints "what<TAB>seconds<TAB>pairs/s".
# Usage: crossencoder.py MODEL CORPUS.jsonl QUERIES.tsv RUN.trec MAX_LENGTH
import json
import sys
import tempfile
import time

import sentence_transformers
import torch
from sentence_transformers import CrossEncoder
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

model, corpus, queries, run, max_length = sys.argv[1:6]
with open(corpus) as lines:
    documents = {d["_id"]: (d.get("title", "") + " " + d["text"]).strip() for d in map(json.loads, lines)}
with open(queries) as lines:
    questions = dict(line.rstrip("\n").split("\t")[:2] for line in lines)
with open(run) as lines:
    pairs = [(questions[fields[0]], documents[fields[2]]) for fields in map(str.split, lines)]

folder = tempfile.mkdtemp()
with open(f"{model}/config.json") as file:
    config = BertConfig(**{k: v for k, v in json.load(file).items() if k not in ("architectures", "model_type", "torch_dtype")})
config.num_labels = 1
BertForSequenceClassification(config).save_pretrained(folder)
PreTrainedTokenizerFast(tokenizer_file=f"{model}/tokenizer.json", unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
                        sep_token="[SEP]", mask_token="[MASK]").save_pretrained(folder)

print(f"# {torch.cuda.get_device_name()}, PyTorch {torch.__version__}, sentence-transformers {sentence_transformers.__version__}")
for precision in ("float32", "float16"):
    encoder = CrossEncoder(folder, max_length=int(max_length), device="cuda", model_kwargs={"torch_dtype": getattr(torch, precision)})
    encoder.predict(pairs[:256], batch_size=32, show_progress_bar=False)
    for size in (32, 128, 512):
        start = time.perf_counter()
        encoder.predict(pairs, batch_size=size, show_progress_bar=False)
        seconds = time.perf_counter() - start
        print(f"sentence-transformers, {precision}, batches of {size}\t{seconds:.2f}\t{len(pairs) / seconds:.0f}", flush=True)
