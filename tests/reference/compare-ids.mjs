// Compares the ids of `rlab model tokens` with those of Hugging Face's Rust tokenizers 0.22 on random pairs, and prints how
// many differ. Exit code 1 where any does.
// node compare-ids.mjs FOLDER [--pairs 10000] [--seed 1] [--rlab PATH] [--differing FILE.jsonl]
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Tokenizer, TruncationStrategy } from '@anush008/tokenizers';
import { randomTexts } from './random-texts.mjs';

const { values: options, positionals: [folder] } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    rlab: { type: 'string', default: 'rlab' },
    differing: { type: 'string' },
  },
});

const json = readFileSync(join(folder, 'tokenizer.json'), 'utf8');
const definition = JSON.parse(json);
const recorded = join(folder, 'expected.jsonl');
const text = randomTexts({
  seed: Number(options.seed),
  vocabulary: Array.isArray(definition.model.vocab) ? definition.model.vocab.map(v => v[0]) : Object.keys(definition.model.vocab),
  added: (definition.added_tokens ?? []).map(t => t.content),
  real: existsSync(recorded)
    ? readFileSync(recorded, 'utf8').trimEnd().split('\n').map(l => JSON.parse(l)).flatMap(p => [p.query, p.passage])
    : ['The quick brown fox', '今天天气很好，我们去公园吧。', 'naïve façade Straße İstanbul'],
});

const rules = [['longest_first', TruncationStrategy.LongestFirst], ['only_second', TruncationStrategy.OnlySecond]];
const pairs = Array.from({ length: Number(options.pairs) }, () => ({ query: text(), passage: text() }));
let differ = 0;
const config = join(folder, 'tokenizer_config.json');
const limit = Math.min(100_000, existsSync(config) ? JSON.parse(readFileSync(config, 'utf8')).model_max_length ?? 100_000 : 100_000);
for (const [maxLength, [rule, strategy]] of [[limit, rules[0]], [32, rules[0]], [17, rules[0]], [512, rules[1]]]) {
  const tokenizer = Tokenizer.fromString(json);
  tokenizer.setTruncation(maxLength, { strategy });
  tokenizer.disablePadding();
  const expected = [];
  for (const { query, passage } of pairs)
    expected.push(await tokenizer.encode(query, passage).then(e => ({ input_ids: e.getIds(), token_type_ids: e.getTypeIds() }), () => null));
  // A query that leaves its passage no room is refused by both; rlab stops there, so such pairs are left out of its input.
  const asked = pairs.filter((_, i) => expected[i]);
  const rlab = spawnSync(options.rlab, ['model', 'tokens', folder, '--max-length', `${maxLength}`, '--truncation', rule],
    { input: asked.map(p => JSON.stringify(p) + '\n').join(''), encoding: 'utf8', maxBuffer: 1 << 30 });
  if (rlab.status !== 0) throw new Error(rlab.stderr);
  const answers = rlab.stdout.trimEnd().split('\n').map(l => JSON.parse(l));
  let here = 0;
  expected.filter(e => e).forEach((e, i) => {
    const a = answers[i];
    if (String(a.input_ids) === String(e.input_ids) && (!a.token_type_ids || String(a.token_type_ids) === String(e.token_type_ids))) return;
    here++;
    const line = JSON.stringify({ ...asked[i], max_length: maxLength, truncation: rule, theirs: e.input_ids, ours: a.input_ids });
    if (options.differing) appendFileSync(options.differing, line + '\n');
  });
  console.log(`${folder}: max_length ${maxLength}, ${rule}: ${asked.length} pairs, ${here} differ`);
  differ += here;
}
process.exitCode = differ > 0 ? 1 : 0;
