// Asks Hugging Face's Rust tokenizers 0.22 what they do with every assigned code point, by tokenizers whose ids are bytes, and
// records a digest of the answers for every 1,024 code points: our Unicode tables are theirs, or a test names the block.
// node record-unicode.mjs > ../RerankLab.Core.Tests/Scoring/Onnx/Tokenization/Recorded/unicode.json
import { createHash } from 'node:crypto';
import { Tokenizer } from '@anush008/tokenizers';

const visible = [...Array(256).keys()].filter(b => (b > 32 && b < 127) || (b > 160 && b !== 173));
const hidden = [...Array(256).keys()].filter(b => !visible.includes(b));
const vocab = Object.fromEntries([...visible.map(b => [String.fromCodePoint(b), b]), ...hidden.map((b, i) => [String.fromCodePoint(256 + i), b])]);

const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
// Writes a mark before each piece, so that the ids say where texts were split.
const marks = { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'always', split: true };
const bert = options => ({ type: 'BertNormalizer', clean_text: false, handle_chinese_chars: false, strip_accents: false, lowercase: false, ...options });
const split = pattern => [{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }, marks];
const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const qwen2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const questions = {
  lowercase: [{ type: 'Lowercase' }, []],
  nfc: [{ type: 'NFC' }, []],
  nfd: [{ type: 'NFD' }, []],
  nfkc: [{ type: 'NFKC' }, []],
  nfkd: [{ type: 'NFKD' }, []],
  'strip-accents': [{ type: 'StripAccents' }, []],
  'strip': [{ type: 'Strip', strip_left: true, strip_right: true }, []],
  'bert-clean': [bert({ clean_text: true, handle_chinese_chars: true }), []],
  'bert-accents': [bert({ strip_accents: true, lowercase: true }), []],
  'bert-split': [null, [{ type: 'BertPreTokenizer' }, marks]],
  'whitespace-split': [null, [{ type: 'WhitespaceSplit' }, marks]],
  punctuation: [null, [{ type: 'Punctuation', behavior: 'Isolated' }, marks]],
  gpt2: [null, split(gpt2)],
  qwen2: [null, split(qwen2)],
};

// What is assigned in Unicode 17, and some that is not; surrogates are no characters.
const blocks = [...Array(0x32400 / 1024).keys(), 0xe0000 / 1024, 0xf0000 / 1024].map(b => b * 1024).filter(first => first < 0xd800 || first > 0xdfff);
const recorded = [];
for (const [name, [normalizer, pretokenizers]] of Object.entries(questions)) {
  const tokenizer = { version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...pretokenizers, bytes] }, post_processor: null, decoder: null,
    model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, vocab, merges: [] } };
  const library = Tokenizer.fromString(JSON.stringify(tokenizer));
  const digests = {};
  for (const first of blocks) {
    const hash = createHash('sha256');
    for (let start = first; start < first + 1024; start += 16) {
      // Alone, beside letters and a digit, twice, before an accent and a virama, and at both ends.
      const texts = Array.from({ length: 16 }, (_, i) => String.fromCodePoint(start + i)).map(c => `a${c}b ${c}${c}1${c}\u0301\u094d'${c}`);
      const text = String.fromCodePoint(start) + texts.join('') + String.fromCodePoint(start + 15);
      hash.update(Buffer.from((await library.encode(text, null, { addSpecialTokens: false })).getIds()));
    }
    digests[first.toString(16)] = hash.digest('hex').slice(0, 12);
  }
  recorded.push({ name, tokenizer, digests });
}
console.log(JSON.stringify(recorded).replaceAll('},{"name"', '},\n{"name"'));
