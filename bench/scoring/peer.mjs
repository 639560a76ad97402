// The same pairs by onnxruntime-node and Hugging Face's Rust tokenizers, as a script would score them. MODE is
//   single    one pair at a time, without padding
//   arrival   batches of 32 in the order of the file, padded to the longest of each
//   sorted    the same, all pairs tokenised first and sorted by their tokens
// Prints a line: seconds of loading, seconds of scoring (tokenising included), tokens, tokens with padding.
// Writes lines "query document logit". Pads with 0, as BERT's models want it.
// node peer.mjs MODEL CANDIDATES.jsonl MAX_LENGTH MODE LOGITS.tsv [INTRA_OP_THREADS]
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../tests/reference/', import.meta.url));
const { Tokenizer } = require('@anush008/tokenizers');
const ort = require('onnxruntime-node');

const [model, file, maxLength, mode, output, threads] = process.argv.slice(2);
const timed = async work => { const start = performance.now(); return [await work(), (performance.now() - start) / 1000]; };
const pairs = readFileSync(file, 'utf8').trimEnd().split('\n').map(line => JSON.parse(line))
  .flatMap(({ id, query, passages }) => passages.map(passage => ({ id, query, passage })));

const [[tokenizer, session], load] = await timed(async () => {
  const tokenizer = Tokenizer.fromString(readFileSync(join(model, 'tokenizer.json'), 'utf8'));
  tokenizer.setTruncation(Number(maxLength), {});
  tokenizer.disablePadding();
  const options = threads ? { intraOpNumThreads: Number(threads) } : {};
  return [tokenizer, await ort.InferenceSession.create(join(model, 'onnx', 'model.onnx'), options)];
});

let tokens = 0, padded = 0;
const encode = batch => Promise.all(batch.map(async pair => {
  const encoding = await tokenizer.encode(pair.query, pair.passage.text);
  return { pair, ids: encoding.getIds(), types: encoding.getTypeIds() };
}));
const run = async batch => {
  const length = Math.max(...batch.map(({ ids }) => ids.length));
  const inputs = { input_ids: [], attention_mask: [], token_type_ids: [] };
  for (const name in inputs) inputs[name] = new BigInt64Array(batch.length * length);
  batch.forEach(({ ids, types }, row) => {
    const from = row * length;
    for (let i = 0; i < ids.length; i++) inputs.input_ids[from + i] = BigInt(ids[i]);
    for (let i = 0; i < ids.length; i++) if (types[i]) inputs.token_type_ids[from + i] = 1n;
    inputs.attention_mask.fill(1n, from, from + ids.length);
    tokens += ids.length;
  });
  padded += batch.length * length;
  const tensors = session.inputNames.map(name => [name, new ort.Tensor('int64', inputs[name], [batch.length, length])]);
  const { logits } = await session.run(Object.fromEntries(tensors));
  batch.forEach(({ pair }, row) => { pair.logit = logits.data[row]; });
};

const [, score] = await timed(async () => {
  const size = mode === 'single' ? 1 : 32;
  const all = mode === 'sorted' ? (await encode(pairs)).sort((a, b) => b.ids.length - a.ids.length) : pairs;
  for (let from = 0; from < all.length; from += size) {
    const batch = all.slice(from, from + size);
    await run(mode === 'sorted' ? batch : await encode(batch));
  }
});
writeFileSync(output, pairs.map(({ id, passage, logit }) => `${id}\t${passage.id}\t${logit}\n`).join(''));
console.log([load.toFixed(3), score.toFixed(3), tokens, padded].join('\t'));
