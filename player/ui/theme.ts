import { effect, signal } from '@preact/signals';
import { memorize, recalled } from './browser-memory.ts';

/** Colours that may be chosen; `system` follows prefers-color-scheme. */
export const THEMES = ['system', 'day', 'night'] as const;
/** One of {@link THEMES}. */
export type Theme = (typeof THEMES)[number];

const KEY = 'lectern.theme';

/** The page's colours. */
export const theme = signal<Theme>(stored());

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === 'system') delete dataset['theme'];
  else dataset['theme'] = theme.value;
});

/** Changes the colours, and stores them. */
export function setTheme(to: Theme): void {
  theme.value = to;
  memorize(KEY, to);
}

function stored(): Theme {
  const value = recalled(KEY);
  return THEMES.find((known) => known === value) ?? 'system';
}
