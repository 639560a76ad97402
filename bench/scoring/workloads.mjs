// Three workloads of SciFact's first-stage candidates, as experiments of rlab whose candidates peer.mjs reads as well, in the order
// of a script that goes query by query:
//   scifact   titles and abstracts, max_length 256: most pairs are cut to it
//   mixed     titles alone and titles with abstracts in equal parts, max_length 512
//   short     titles and the first sentence of the abstract, max_length 512
// Prints a line each: name, pairs, mean, standard deviation, 10th and 90th percentile of the tokens that the model sees.
// node workloads.mjs MODEL SCIFACT FOLDER PAIRS
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const { Tokenizer } = createRequire(new URL('../../tests/reference/', import.meta.url))('@anush008/tokenizers');
const [model, data, folder, pairs] = process.argv.slice(2);
const depth = 20;
const lines = name => readFileSync(join(data, name), 'utf8').trimEnd().split('\n');
const queries = new Map(lines('queries.test.tsv').map(line => line.split('\t')));
const documents = new Map(lines('corpus.jsonl').map(line => JSON.parse(line)).map(d => [d._id, d]));
const candidates = new Map();
for (const line of lines('run.bi-encoder.top100.trec')) {
  const [query, , document] = line.split(' ');
  if (!candidates.has(query)) candidates.set(query, []);
  if (candidates.get(query).length < depth) candidates.get(query).push(documents.get(document));
}

const whole = d => `${d.title} ${d.text}`.trim();
const workloads = {
  scifact: [256, whole],
  // The number of a document says nothing about it.
  mixed: [512, d => d._id % 2 ? d.title : whole(d)],
  short: [512, d => `${d.title} ${d.text.split(/(?<=[.!?]) /)[0]}`.trim()],
};
for (const [name, [maxLength, text]] of Object.entries(workloads)) {
  let left = Number(pairs);
  const chosen = [];
  for (const [id, ranked] of candidates) {
    const passages = ranked.slice(0, left).map(d => ({ id: d._id, text: text(d) }));
    if ((left -= passages.length, passages.length)) chosen.push({ id, query: queries.get(id), passages });
  }
  writeFileSync(join(folder, `${name}.jsonl`), chosen.map(query => JSON.stringify(query) + '\n').join(''));
  writeFileSync(join(folder, `${name}.yaml`), `name: ${name}
dataset: { candidates: ${name}.jsonl }
scorer: { model: ${resolve(model)}, max_length: ${maxLength} }
run: { device: cpu }
`);

  const tokenizer = Tokenizer.fromString(readFileSync(join(model, 'tokenizer.json'), 'utf8'));
  tokenizer.setTruncation(maxLength, {});
  tokenizer.disablePadding();
  const encoded = await Promise.all(chosen.flatMap(q => q.passages.map(p => tokenizer.encode(q.query, p.text))));
  const lengths = encoded.map(e => e.getLength()).sort((a, b) => a - b);
  const mean = lengths.reduce((sum, n) => sum + n, 0) / lengths.length;
  const deviation = Math.sqrt(lengths.reduce((sum, n) => sum + (n - mean) ** 2, 0) / lengths.length);
  const percentile = p => lengths[Math.floor(p * (lengths.length - 1))];
  console.log([name, lengths.length, mean.toFixed(0), deviation.toFixed(0), percentile(0.1), percentile(0.9)].join('\t'));
}
