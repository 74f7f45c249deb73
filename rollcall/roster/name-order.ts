const NAMES = new Intl.Collator('zh');

/** Puts names in order: Chinese by pinyin, others by their letters. */
export function compareNames(a: string, b: string): number {
  return NAMES.compare(a, b);
}
