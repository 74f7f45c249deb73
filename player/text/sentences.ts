import type { Language } from './strings.ts';

/** Puts whole sentences one behind the other: with a blank, but in Chinese, whose full stop has its own. */
export function joinSentences(sentences: readonly string[], language: Language): string {
  return sentences.join(language === 'zh' ? '' : ' ');
}
