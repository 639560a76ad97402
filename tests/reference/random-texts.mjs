// Random texts that tokenizers stumble over: pieces of a vocabulary, real texts, white space, combining characters, scalar
// values of every plane.

/** @param {{ seed: number, vocabulary: string[], added: string[], real: string[] }} ground */
export function randomTexts({ seed, vocabulary, added, real }) {
  // mulberry32: small, seeded.
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = n => Math.floor(random() * n);
  const pick = list => list[below(list.length)];

  const range = (from, to) => () => String.fromCodePoint(from + below(to - from + 1));
  const scalar = () => {
    for (;;) {
      const code = below(0x110000);
      if (code < 0xd800 || code > 0xdfff) return String.fromCodePoint(code);
    }
  };
  const spaces = [' ', '  ', '\t', '\n', '\r\n', '\u00a0', '\u2003', '\u3000', '\u0085', '\u000b', '\u000c', '\u1680', '\u2028', '\u202f', '\u200b', '\ufeff'];
  const nasty = [
    "'s", "'S", "'\u017f", "'RE", "'ll", '\u0130', '\u0131', '\u212a', '\u1e9e', '\ufb01', '\u01c5', '\u03a3\u03c2', '\uff21\uff42\uff11', '\u1112\u1161\u11ab', '\u3131',
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}', '\u{1f1e9}\u{1f1ea}', '\u{1f44d}\u{1f3fd}', '\ufe0f', '\u0e33', '\u0f73', '\u0344', '\u2126', '\u{1d400}', '\u{1d7ce}', '\u{10400}',
    '\u{11935}', '\u0958', '\ufffd', '\u0000', '\u0001', '\u00ad', '\ue000', '\u{f0000}', '\u{e0061}', '\u{e0100}', '\u2581', '##', '\u0120', '...', '---', '\u00bd', '\u2167', '\u0660\u0661',
  ];
  const kinds = [
    range(0x61, 0x7a), range(0x21, 0x7e), range(0x30, 0x39), range(0xa0, 0x24f), range(0x300, 0x36f), range(0x370, 0x5ff), range(0x600, 0x8ff),
    range(0x900, 0xdff), range(0xe00, 0x11ff), range(0x1e00, 0x1fff), range(0x2000, 0x2bff), range(0x3000, 0x30ff), range(0x4e00, 0x9fff),
    range(0xac00, 0xd7a3), range(0xf900, 0xfdff), range(0xfe00, 0xffef), range(0x10000, 0x1ffff), range(0x20000, 0x323af), range(0xe0000, 0xe01ef), scalar, scalar,
  ];
  const stretch = () => {
    switch (below(9)) {
      case 0: return pick(nasty);
      case 1: return pick(spaces).repeat(1 + below(3));
      case 2: return pick(vocabulary).replaceAll('\u2581', pick([' ', '\u2581'])).replaceAll('\u0120', ' ');
      case 3: return added.length > 0 && below(3) === 0 ? pick(added) : ' ';
      case 4: { const text = Array.from(pick(real)); const at = below(text.length || 1); return text.slice(at, at + 1 + below(40)).join(''); }
      case 5: { const kind = pick(kinds); return Array.from({ length: 1 + below(8) }, kind).join(''); }
      case 6: return Array.from({ length: 1 + below(6) }, scalar).join('');
      case 7: return pick(kinds)() + String.fromCodePoint(0x300 + below(0x70)).repeat(1 + below(3));
      default: return ' ' + Array.from({ length: 1 + below(9) }, kinds[0]).join('');
    }
  };
  return () => {
    const size = below(40) === 0 ? 0 : below(20) === 0 ? 400 : 1 + below(14);
    return Array.from({ length: size }, stretch).join('').toWellFormed();
  };
}
