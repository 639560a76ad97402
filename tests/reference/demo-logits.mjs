// Logits of the demo's pairs by onnxruntime-node and Hugging Face's Rust tokenizers, one pair at a time, without padding.
// node demo-logits.mjs > ../RerankLab.Core.Tests/Demo/reference-logits.tsv
import { readFileSync } from 'node:fs';
import { Tokenizer } from '@anush008/tokenizers';
import * as ort from 'onnxruntime-node';

const demo = new URL('../../experiments/demo/', import.meta.url);
const read = name => readFileSync(new URL(name, demo), 'utf8');
const lines = name => read(name).trimEnd().split('\n');

const queries = new Map(lines('queries.tsv').map(line => line.split('\t')));
const passages = new Map(lines('corpus.jsonl').map(line => JSON.parse(line)).map(d => [d._id, `${d.title} ${d.text}`.trim()]));
const tokenizer = Tokenizer.fromString(read('model/tokenizer.json'));
tokenizer.setTruncation(512, {});
tokenizer.disablePadding();
const session = await ort.InferenceSession.create(new URL('model/onnx/model.onnx', demo).pathname);

const int64 = values => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
console.log('query\tdocument\tlogit');
for (const line of lines('first-stage.trec')) {
  const [query, , document] = line.split(/\s+/);
  const pair = await tokenizer.encode(queries.get(query), passages.get(document));
  const { logits } = await session.run({
    input_ids: int64(pair.getIds()),
    attention_mask: int64(pair.getAttentionMask()),
    token_type_ids: int64(pair.getTypeIds()),
  });
  console.log(`${query}\t${document}\t${logits.data[0]}`);
}
