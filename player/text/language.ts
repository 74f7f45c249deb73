import { effect, signal } from '@preact/signals';
import { memorize, recalled } from '../ui/browser-memory.ts';
import { type Language, type TextKey, type Texts, chooseLanguage, fillIn, translate } from './strings.ts';

const KEY = 'lectern.language';

/** The language of the page; setting it by {@link setLanguage} changes the page at once. */
export const language = signal<Language>(chooseLanguage(recalled(KEY), navigator.languages));

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-Hans' : 'en';
});

/** Changes the language, and stores it. */
export function setLanguage(to: Language): void {
  language.value = to;
  memorize(KEY, to);
}

/** A text in the page's language; reading it in a component makes the component follow the language. */
export function t(key: TextKey, values?: Readonly<Record<string, string | number>>): string {
  return translate(language.value, key, values);
}

/** Makes the same function for texts of some pages only, so that a live page does not load them. */
export function translator<K extends string>(
  texts: Texts<K>,
): (key: K, values?: Readonly<Record<string, string | number>>) => string {
  return (key, values) => fillIn(texts[language.value][key], values);
}
