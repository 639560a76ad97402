// Makes small tokenizers of every kind that rlab reads, and records what Hugging Face's Rust tokenizers 0.22 make of random
// pairs with them: tests that need no other files.
// node record-ids.mjs ../RerankLab.Core.Tests/Scoring/Onnx/Tokenization/Recorded
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer, TruncationStrategy } from '@anush008/tokenizers';
import { randomTexts } from './random-texts.mjs';

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const corpus = readFileSync(new URL('../../experiments/demo/corpus.jsonl', import.meta.url), 'utf8').trimEnd().split('\n')
  .map(line => JSON.parse(line)).map(d => `${d.title} ${d.text}`);
const words = corpus.flatMap(text => text.split(/\s+/)).filter(w => w);

// Vocabularies: frequent stretches of the demo's texts.
const countOf = items => items.reduce((counts, item) => counts.set(item, (counts.get(item) ?? 0) + 1), new Map());
const stretches = (list, longest) => list.flatMap(word => {
  const chars = Array.from(word);
  return chars.flatMap((_, at) => Array.from({ length: Math.min(longest, chars.length - at) }, (_, n) => chars.slice(at, at + n + 1).join('')));
});
const frequent = (counts, size) => [...counts].sort((a, b) => b[1] * b[0].length - a[1] * a[0].length || (a[0] < b[0] ? -1 : 1)).slice(0, size);
const singles = [...new Set(corpus.join('') + 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?\'"-')].filter(c => c.trim()).sort();

function unigram(specials) {
  const pieces = new Map(frequent(countOf(stretches(words.map(w => '\u2581' + w), 6)), 700));
  for (const c of ['\u2581', ...singles.slice(0, 400)]) if (!pieces.has(c)) pieces.set(c, 1);
  const total = [...pieces.values()].reduce((a, b) => a + b, 0);
  const vocab = [...pieces].map(([piece, count]) => [piece, Number(Math.log(count / total).toFixed(6))]).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return { type: 'Unigram', unk_id: 3, vocab: [...specials.map(s => [s, 0]), ...vocab, ['<mask>', 0]] };
}

function wordPiece(specials, lower) {
  const list = lower ? words.map(w => w.toLowerCase()) : words;
  const tokens = [...frequent(countOf(stretches(list, 5)), 500).map(t => t[0]), ...singles.slice(0, 300)];
  const vocab = [...new Set([...specials, ...tokens, ...tokens.filter(t => /^[\p{L}\p{N}]+$/u.test(t)).map(t => '##' + t)])];
  return { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 30, vocab: Object.fromEntries(vocab.map((t, i) => [t, i])) };
}

// The visible characters that GPT-2 writes bytes as.
const visible = [...Array(256).keys()].filter(b => (b > 32 && b < 127) || (b > 160 && b !== 173));
const hidden = [...Array(256).keys()].filter(b => !visible.includes(b));
const byteChar = Object.fromEntries([...visible.map(b => [b, String.fromCodePoint(b)]), ...hidden.map((b, i) => [b, String.fromCodePoint(256 + i)])]);

function bytePairs(arrays) {
  const counts = countOf(words.flatMap(w => [w, ' ' + w]).map(w => [...Buffer.from(w)].map(b => byteChar[b]).join(' ')));
  let list = [...counts].map(([word, count]) => [word.split(' '), count]);
  const vocab = Object.values(byteChar), merges = [];
  for (let i = 0; i < 400; i++) {
    const pairs = new Map();
    for (const [word, count] of list) for (let at = 0; at + 1 < word.length; at++) {
      const pair = `${word[at]} ${word[at + 1]}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + count);
    }
    const [best] = [...pairs].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
    const [left, right] = best.split(' ');
    merges.push(arrays ? [left, right] : best);
    vocab.push(left + right);
    list = list.map(([word, count]) => [word.reduce((out, t) => (t === right && out.at(-1) === left && out.merged !== out.length
      ? (out[out.length - 1] += t, out.merged = out.length, out) : (out.push(t), out)), []), count]).map(([w, c]) => [[...w], c]);
  }
  return { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false,
    vocab: Object.fromEntries([...new Set(vocab)].map((t, i) => [t, i])), merges };
}

/** Without the bytes of some characters and all that is made of them. */
function lacking({ vocab, merges, ...model }, characters, more) {
  const gone = [...Buffer.from(characters)].map(b => byteChar[b]);
  const stays = token => !gone.some(c => token.includes(c));
  return { ...model, vocab: Object.fromEntries(['<unk>', ...Object.keys(vocab).filter(stays)].map((t, i) => [t, i])), merges: merges.filter(stays), ...more };
}

/** SentencePiece's binary form of rewriting rules: a double array in darts-clone's layout, then the replacements. */
function charsmap(rules) {
  const pool = [], root = { children: new Map() };
  for (const [from, to] of Object.entries(rules)) {
    let node = root;
    for (const b of Buffer.from(from)) node = node.children.get(b) ?? node.children.set(b, { children: new Map() }).get(b);
    node.value = pool.length;
    pool.push(...Buffer.from(to), 0);
  }
  const units = [0], used = new Set([0]);
  const queue = [[root, 0]];
  for (const [node, at] of queue) {
    const labels = [...(node.value === undefined ? [] : [0]), ...node.children.keys()];
    let base = 1;
    while (labels.some(label => used.has(base ^ label))) base++;
    for (const label of labels) used.add(base ^ label);
    units[at] = ((units[at] ?? 0) & 0xff) | ((base ^ at) << 10) | (node.value === undefined ? 0 : 1 << 8);
    if (node.value !== undefined) units[base] = (node.value | 1 << 31) >>> 0;
    for (const [label, child] of node.children) {
      units[base ^ label] = label;
      queue.push([child, base ^ label]);
    }
  }
  const size = Math.max(...used) + 257;
  const trie = Buffer.alloc(4 * size);
  for (let i = 0; i < size; i++) trie.writeUInt32LE((units[i] ?? 0) >>> 0, 4 * i);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(trie.length);
  return Buffer.concat([length, trie, Buffer.from(pool)]).toString('base64');
}
const rules = charsmap({
  '\t': ' ', '\n': ' ', '\r': ' ', '\u0001': '', '\u00a0': ' ', '\u3000': ' ', '\u200b': ' ', '\u00ad': '', '\ufb01': 'fi', '\u00bd': '1\u20442', '\u2167': 'VIII',
  'e\u0301': '\u00e9', 'a\u0300': '\u00e0', '\u0627\u0653': '\u0622', '\uff21': 'A', '\uff42': 'b', '\uff11': '1', '\u2126': '\u03a9', '\u0e33': '\u0e4d\u0e32',
  '\u1112\u1161': '\ud558', '\u{1d400}': 'A', '\u{1d7ce}': '0', '\u00aa': 'a', '\u2026': '...',
});

const added = (id, content, more = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...more });
const one = (name, type) => ({ SpecialToken: { id: name, type_id: type } });
const sequence = (name, type) => ({ Sequence: { id: name, type_id: type } });
const template = (pair, ids) => ({ type: 'TemplateProcessing', single: [sequence('A', 0)], pair,
  special_tokens: Object.fromEntries(Object.entries(ids).map(([t, id]) => [t, { id: t, ids: [id], tokens: [t] }])) });
const bert = ids => template([one('[CLS]', 0), sequence('A', 0), one('[SEP]', 0), sequence('B', 1), one('[SEP]', 1)], ids);
const xlmr = template([one('<s>', 0), sequence('A', 0), one('</s>', 0), one('</s>', 0), sequence('B', 0), one('</s>', 0)], { '<s>': 0, '</s>': 2 });
const bertSpecials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'], xlmrSpecials = ['<s>', '<pad>', '</s>', '<unk>'];
const cleaning = options => ({ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true, ...options });
const split = pattern => ({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false });
const bytes = options => ({ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true, ...options });
const qwen2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const [wide, uncased, cased, pairsOld, pairsNew] = [unigram(xlmrSpecials), wordPiece(bertSpecials, true), wordPiece(bertSpecials, false), bytePairs(false), bytePairs(true)];
const bpeSize = Object.keys(pairsOld.vocab).length, mask = wide.vocab.length - 1;
const xlmrTokens = [...xlmrSpecials.map((t, i) => added(i, t)), added(mask, '<mask>', { lstrip: true })];
const tokenizers = {
  'bert-uncased': { normalizer: cleaning(), pre_tokenizer: { type: 'BertPreTokenizer' }, model: uncased, post_processor: bert({ '[CLS]': 2, '[SEP]': 3 }),
    added_tokens: [...bertSpecials.map((t, i) => added(i, t)), added(Object.keys(uncased.vocab).length, '[Caf\u00e9]', { normalized: true, special: false }),
      added(Object.keys(uncased.vocab).length + 1, 'term', { single_word: true, special: false }), added(Object.keys(uncased.vocab).length + 2, '<r>', { rstrip: true, lstrip: true })] },
  'bert-cased': { normalizer: cleaning({ lowercase: false }), pre_tokenizer: { type: 'BertPreTokenizer' }, model: cased,
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] }, added_tokens: bertSpecials.map((t, i) => added(i, t)) },
  'bert-plain': { normalizer: cleaning({ clean_text: false, handle_chinese_chars: false, strip_accents: false }), pre_tokenizer: { type: 'BertPreTokenizer' },
    model: uncased, post_processor: bert({ '[CLS]': 2, '[SEP]': 3 }), added_tokens: bertSpecials.map((t, i) => added(i, t)) },
  'xlmr-metaspace': { normalizer: { type: 'Sequence', normalizers: [{ type: 'Precompiled', precompiled_charsmap: rules }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }] },
    pre_tokenizer: { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'always', split: true }, model: wide, post_processor: xlmr, added_tokens: xlmrTokens },
  'xlmr-whitespacesplit': { normalizer: { type: 'Precompiled', precompiled_charsmap: rules },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Metaspace', replacement: '\u2581', str_rep: '\u2581', add_prefix_space: true }] },
    model: wide, post_processor: xlmr, added_tokens: xlmrTokens },
  'unigram-whole': { normalizer: null, pre_tokenizer: { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'first', split: false }, model: wide,
    post_processor: xlmr, added_tokens: xlmrTokens },
  'deberta': { normalizer: { type: 'Sequence', normalizers: [{ type: 'Strip', strip_left: false, strip_right: true }, { type: 'Precompiled', precompiled_charsmap: rules },
      { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }] },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Punctuation', behavior: 'Isolated' }, { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'always', split: true }] },
    model: wide, post_processor: bert({ '[CLS]': 0, '[SEP]': 2 }), added_tokens: xlmrTokens },
  'albert': { normalizer: { type: 'Sequence', normalizers: [{ type: 'Replace', pattern: { String: '``' }, content: '"' }, { type: 'NFKD' }, { type: 'StripAccents' }, { type: 'Lowercase' },
      { type: 'Strip', strip_left: true, strip_right: true }] },
    pre_tokenizer: { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'never', split: true }, model: wide, post_processor: xlmr, added_tokens: xlmrTokens },
  'modernbert': { normalizer: { type: 'NFC' }, pre_tokenizer: bytes(), model: pairsNew, post_processor: bert({ '[CLS]': bpeSize + 3, '[SEP]': bpeSize + 4 }),
    // The ids of the file are not those that the library gives: it counts on from the vocabulary.
    added_tokens: ['    ', '   ', '  '].map((t, i) => added(bpeSize + i, t, { normalized: true, special: false })).concat(
      ['[CLS]', '[SEP]', '[PAD]'].map((t, i) => added(bpeSize + 3 + i, t)), added(bpeSize + 9, '[MASK]', { lstrip: true })) },
  'roberta': { normalizer: { type: 'NFKC' }, pre_tokenizer: bytes({ add_prefix_space: true }), model: pairsOld,
    post_processor: { type: 'RobertaProcessing', sep: ['</s>', bpeSize + 1], cls: ['<s>', bpeSize], trim_offsets: true, add_prefix_space: true },
    added_tokens: ['<s>', '</s>', '<pad>'].map((t, i) => added(bpeSize + i, t)) },
  'bytes-unknown': { normalizer: null, pre_tokenizer: bytes({ add_prefix_space: true }), model: lacking(pairsOld, 'xq7\n\u00e9\u4e00', { unk_token: '<unk>' }),
    post_processor: null, added_tokens: [] },
  'bytes-fused': { normalizer: null, pre_tokenizer: bytes(), model: lacking(pairsOld, 'aetxq7\n\u00e9\u4e00', { unk_token: '<unk>', fuse_unk: true }),
    post_processor: null, added_tokens: [] },
  'bytes-lacking': { normalizer: null, pre_tokenizer: bytes(), model: lacking(pairsOld, 'aetxq7\n\u00e9\u4e00', {}), post_processor: null, added_tokens: [] },
  'qwen2': { normalizer: { type: 'NFD' }, pre_tokenizer: { type: 'Sequence', pretokenizers: [split(qwen2), bytes({ use_regex: false })] }, model: pairsNew,
    post_processor: bytes({ trim_offsets: false, use_regex: false }), added_tokens: [added(bpeSize, '<|endoftext|>')] },
};

const compact = tokenizer => JSON.stringify({ version: '1.0', truncation: null, padding: null, decoder: null, ...tokenizer });
for (const [seed, [name, tokenizer]] of Object.entries(tokenizers).entries()) {
  const json = compact(tokenizer);
  writeFileSync(join(folder, `${name}.tokenizer.json`), json + '\n');
  const model = tokenizer.model;
  const text = randomTexts({ seed: seed + 1, real: corpus, added: tokenizer.added_tokens.map(t => t.content),
    vocabulary: Array.isArray(model.vocab) ? model.vocab.map(v => v[0]) : Object.keys(model.vocab) });
  const lines = [];
  for (let i = 0; i < 60; i++) {
    const pair = { query: text(), passage: i % 5 === 0 ? corpus[i] : text() };
    const [maxLength, truncation, strategy] = [[512, 'longest_first', TruncationStrategy.LongestFirst], [24, 'longest_first', TruncationStrategy.LongestFirst],
      [64, 'only_second', TruncationStrategy.OnlySecond]][i % 3];
    const library = Tokenizer.fromString(json);
    library.setTruncation(maxLength, { strategy });
    const encoding = await library.encode(pair.query, pair.passage).catch(() => null);
    // Null: the query leaves its passage no room.
    lines.push(JSON.stringify({ ...pair, max_length: maxLength, truncation, input_ids: encoding?.getIds() ?? null, token_type_ids: encoding?.getTypeIds() ?? null }));
  }
  writeFileSync(join(folder, `${name}.pairs.jsonl`), lines.join('\n') + '\n');
}
