import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Plugin, transformWithOxc } from 'vite';

/** Pages whose file has another name than their folder in `pages/`: the lobby is served at `/`. */
const FOLDERS: Readonly<Record<string, string>> = { index: 'lobby' };

/**
 * Makes every page's HTML from one template, which differs in the entry script alone, and adds the script that says why a page stays
 * empty.
 *
 * @param template path of the template; pages lie beside it: `watch.html` loads `pages/watch/main.tsx`
 * @returns a Vite plugin
 */
export function pageHtml(template: string): Plugin {
  const folder = dirname(template);
  const checkSource = join(folder, 'build/page-check.ts');
  const check = readFileSync(checkSource, 'utf8');
  // Named by its content, as everything in assets/ is.
  const checkFile = `assets/page-check-${createHash('sha256').update(check).digest('hex').slice(0, 8)}.js`;
  const isPage = (id: string) => id.endsWith('.html') && dirname(id) === folder && id !== template;
  return {
    name: 'lectern:page-html',
    enforce: 'pre',
    resolveId(id) {
      return isPage(id) ? id : null;
    },
    async generateBundle() {
      const { code } = await transformWithOxc(check, checkSource, { target: 'es2015', sourcemap: false });
      this.emitFile({ type: 'asset', fileName: checkFile, source: `(()=>{${code}})();` });
    },
    transformIndexHtml: (html) =>
      html.replace('</head>', `  <script defer src="/${checkFile}"></script>\n  </head>`),
    load(id) {
      if (!isPage(id)) return null;
      const name = basename(id, '.html');
      return readFileSync(template, 'utf8').replace('{page}', FOLDERS[name] ?? name);
    },
  };
}
