import { effect, signal } from '@preact/signals';

const title = signal('');

/** What waits for the viewer, in front of the title of the tab: she may look at another one. Null for nothing. */
export const titleAlert = signal<string | null>(null);

effect(() => {
  if (title.value !== '')
    document.title = titleAlert.value === null ? title.value : `${titleAlert.value} · ${title.value}`;
});

/** @param text the title of the page; it is followed when it changes */
export function titlePage(text: () => string): void {
  effect(() => {
    title.value = text();
  });
}
