import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Plugin } from 'vite';

/** Pages whose file has another name than their folder in `pages/`: the lobby is served at `/`. */
const FOLDERS: Readonly<Record<string, string>> = { index: 'lobby' };

/**
 * Makes every page's HTML from one template, which differs in the entry script alone.
 *
 * @param template path of the template; pages lie beside it: `watch.html` loads `pages/watch/main.tsx`
 * @returns a Vite plugin
 */
export function pageHtml(template: string): Plugin {
  const folder = dirname(template);
  const isPage = (id: string) => id.endsWith('.html') && dirname(id) === folder && id !== template;
  return {
    name: 'lectern:page-html',
    enforce: 'pre',
    resolveId(id) {
      return isPage(id) ? id : null;
    },
    load(id) {
      if (!isPage(id)) return null;
      const name = basename(id, '.html');
      return readFileSync(template, 'utf8').replace('{page}', FOLDERS[name] ?? name);
    },
  };
}
