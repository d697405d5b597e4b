const WORD_MAX = 64; // characters of a word that count
const LENGTH_MAX = 250_000; // of all words together: PostgreSQL keeps at most 1 MB of a message's words
const ASCII = /^[\0-\x7f]*$/;
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
  if (ASCII.test(text) && text.length < LENGTH_MAX) return plainWords(text);
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

/** The same for a text in plain letters, as most are: several times as fast. */
const plainWords = (text: string): string[] => [
  ...new Set(
    text
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.map(head),
  ),
];

const head = (word: string): string =>
  word.length <= WORD_MAX ? word : [...word.slice(0, 2 * WORD_MAX)].slice(0, WORD_MAX).join('');

const pairsOf = (characters: readonly string[]): string[] =>
  characters.slice(1).map((character, n) => `${characters[n]}${character}`);
