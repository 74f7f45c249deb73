const DELIMITERS = [',', ';', '\t', '|', '，', '、'] as const;
/** Lines that are looked at. */
const LINES_MAX = 40;
/** Characters that are looked at. */
const CHARACTERS_MAX = 20_000;

/** What stands between the columns of a text; `spaces` where it is one white space or more. */
export type Delimiter = (typeof DELIMITERS)[number] | 'spaces';

/**
 * Finds the delimiter of a text: the one that most lines have equally often, outside of quotes. Lines above a list (a title) have
 * none. A list without any of them, of which each line has the same number of words and begins with a number, has spaces.
 */
export function delimiterOf(text: string): Delimiter {
  const lines = text
    .slice(0, CHARACTERS_MAX)
    .replaceAll(/"(?:[^"]|"")*"/g, '""')
    .split(/[\r\n]+/, LINES_MAX)
    .filter((line) => line.trim() !== '');
  let [best, most]: [Delimiter, number] = [',', 0];
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.split(delimiter).length - 1).filter((count) => count > 0);
    const usual = mostFrequent(counts);
    // How many lines agree decides, and how many columns they have where that is equal.
    const weight = counts.filter((count) => count === usual).length + Math.min(usual, 99) / 100;
    if (usual > 0 && weight > most) [best, most] = [delimiter, weight];
  }
  if (most > 0) return best;
  const words = lines.map((line) => line.trim().split(/\s+/));
  const count = words[0]?.length ?? 0;
  const isTable = count > 1 && count <= 4 && words.every((line) => line.length === count);
  return isTable && words.slice(1).every(([first = '']) => /\d/.test(first)) && words.length > 1
    ? 'spaces'
    : best;
}

function mostFrequent(counts: readonly number[]): number {
  const often = new Map<number, number>();
  for (const count of counts) often.set(count, (often.get(count) ?? 0) + 1);
  let [best, most] = [0, 0];
  for (const [count, times] of often) if (times > most) [best, most] = [count, times];
  return best;
}
