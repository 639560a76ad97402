// Tokens a second by Hugging Face's Rust tokenizers from Node, on the same texts as Program.cs: prints the same lines.
// node tokenize.mjs FOLDER TEXTS.txt [rounds]
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { Tokenizer } = createRequire(new URL('../../tests/reference/', import.meta.url))('@anush008/tokenizers');
const [folder, file, rounds = '5'] = process.argv.slice(2);
const timed = async work => { const start = performance.now(); return [await work(), (performance.now() - start) / 1000]; };
const texts = readFileSync(file, 'utf8').trimEnd().split('\n');

const [tokenizer, load] = await timed(() => Tokenizer.fromString(readFileSync(join(folder, 'tokenizer.json'), 'utf8')));
tokenizer.disablePadding();
tokenizer.disableTruncation();
console.log(`rust-load 0 ${load.toFixed(3)}`);
const count = async text => (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds().length;
for (const start = performance.now(); performance.now() - start < 3000;) for (const text of texts.slice(0, 500)) await count(text);
for (let round = 0; round < Number(rounds); round++) {
  const [tokens, seconds] = await timed(async () => { let n = 0; for (const text of texts) n += await count(text); return n; });
  console.log(`rust ${tokens} ${seconds.toFixed(3)}`);
}
