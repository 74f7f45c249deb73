import { effect, signal } from '@preact/signals';

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

/** Changes the colours, and remembers them. */
export function setTheme(to: Theme): void {
  theme.value = to;
  try {
    localStorage.setItem(KEY, to);
  } catch {
    // Not remembered then.
  }
}

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return THEMES.find((known) => known === value) ?? 'system';
  } catch {
    return 'system';
  }
}
