// Logits of a model's pairs by onnxruntime-node and Hugging Face's Rust tokenizers, one pair at a time, without padding.
// node logits.mjs MODEL QUERIES.tsv CORPUS.jsonl RUN.trec MAX_LENGTH [PAIRS]
//   demo:   node logits.mjs ../../experiments/demo/{model,queries.tsv,corpus.jsonl,first-stage.trec} 512 > ../RerankLab.Core.Tests/Demo/reference-logits.tsv
//   others: tests/RerankLab.Core.Tests/Scoring/Onnx/RealModelTests.cs says which
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@anush008/tokenizers';
import * as ort from 'onnxruntime-node';

const [model, queryFile, corpusFile, runFile, maxLength, count = '1000000'] = process.argv.slice(2);
const read = name => readFileSync(name, 'utf8');
const lines = name => read(name).trimEnd().split('\n');

const queries = new Map(lines(queryFile).map(line => line.split('\t')));
const passages = new Map(lines(corpusFile).map(line => JSON.parse(line)).map(d => [d._id, `${d.title} ${d.text}`.trim()]));
const tokenizer = Tokenizer.fromString(read(join(model, 'tokenizer.json')));
tokenizer.setTruncation(Number(maxLength), {});
tokenizer.disablePadding();
const session = await ort.InferenceSession.create([join(model, 'onnx', 'model.onnx'), join(model, 'model.onnx')].find(existsSync));

const int64 = values => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
console.log('query\tdocument\tlogit');
for (const line of lines(runFile).slice(0, Number(count))) {
  const [query, , document] = line.split(/\s+/);
  const pair = await tokenizer.encode(queries.get(query), passages.get(document));
  const inputs = { input_ids: int64(pair.getIds()), attention_mask: int64(pair.getAttentionMask()), token_type_ids: int64(pair.getTypeIds()) };
  const { logits } = await session.run(Object.fromEntries(session.inputNames.map(name => [name, inputs[name]])));
  console.log(`${query}\t${document}\t${logits.data[0]}`);
}
