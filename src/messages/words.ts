const WORD_MAX = 64; // characters of a word that count
const LENGTH_MAX = 250_000; // of all words together: PostgreSQL keeps at most 1 MB of a message's words
const SHORT = 500; // characters of a text whose few words are best compared one by one
// Written without spaces between words: each character is a word, and each pair of neighbours.
const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}`;
const RUN = new RegExp(`[${UNSPACED}]+|[[\\p{L}\\p{N}]--[${UNSPACED}]]+`, 'gv');
const STARTS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'v');

/** The words that a text is found by: case and accents folded, each once. */
export const wordsOf = (text: string): string[] =>
  unique(text, (characters) => [...characters, ...pairsOf(characters)]);

/** The words that a text must have to be found by this one: of scripts without spaces, the pairs of neighbours. */
export const wordsOfQuery = (text: string): string[] =>
  unique(text, (characters) => (characters.length > 1 ? pairsOf(characters) : characters));

/** The word that stands for a conversation: every message of it has it, so that a search can be kept to some. */
export const scopeWord = (conversationId: number): string => `c:${conversationId}`;

function unique(text: string, cut: (characters: string[]) => string[]): string[] {
  const plain = text.length <= SHORT ? plainWords(text) : undefined;
  if (plain) return plain;
  const words = new Set<string>();
  let length = 0;
  for (const run of runsOf(text)) {
    for (const word of STARTS_UNSPACED.test(run) ? cut([...run]) : [head(run)]) {
      if (words.has(word)) continue;
      length += word.length;
      if (length > LENGTH_MAX) return [...words];
      words.add(word);
    }
  }
  return [...words];
}

/** The runs of letters and digits. Composed again after folding: a Hangul syllable is one character, not three. */
function runsOf(text: string): string[] {
  const folded = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .normalize('NFC')
    .toLowerCase();
  return folded.match(RUN) ?? [];
}

/** The same for a short text in plain letters, as nearly all are, in a third of the time. Undefined for any other. */
function plainWords(text: string): string[] | undefined {
  const words: string[] = [];
  const folded = `${text.toLowerCase()} `;
  let start = -1;
  for (let n = 0; n < folded.length; n++) {
    const code = folded.charCodeAt(n);
    if (code > 0x7f) return undefined;
    const inWord = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
    if (inWord === start >= 0) continue;
    const word = inWord ? undefined : head(folded.slice(start, n));
    if (word !== undefined && !words.includes(word)) words.push(word);
    start = inWord ? n : -1;
  }
  return words;
}

const head = (word: string): string =>
  word.length <= WORD_MAX ? word : [...word.slice(0, 2 * WORD_MAX)].slice(0, WORD_MAX).join('');

const pairsOf = (characters: readonly string[]): string[] =>
  characters.slice(1).map((character, n) => `${characters[n]}${character}`);
