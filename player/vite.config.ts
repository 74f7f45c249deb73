import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { pageHtml } from './build/page-html.ts';
import { OLDEST_BROWSERS } from './build/oldest-browsers.ts';
import { trimHls } from './build/trim-hls.ts';

/** Path of a file beside this one. */
function here(name: string): string {
  return decodeURIComponent(new URL(name, import.meta.url).pathname);
}

/**
 * Builds the pages into dist/player: index.html (lobby), watch.html (one channel), replay.html (one broadcast), library.html and
 * teach.html, and assets/ whose names carry a hash of their content, so that they may be cached for ever. Every address is
 * absolute, because pages are served from different depths.
 */
export default defineConfig({
  base: '/',
  // Scripts and styles find each other wherever a proxy passes them on; in pages the server writes the path.
  experimental: {
    renderBuiltUrl: (file, { hostType }) => (hostType === 'html' ? `/${file}` : { relative: true }),
  },
  plugins: [
    preact({ devToolsEnabled: false, prefreshEnabled: false }),
    pageHtml(here('page.html')),
    trimHls(),
  ],
  build: {
    outDir: '../dist/player',
    emptyOutDir: true,
    // A data: address would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    // Scripts need next to nothing lowered; naming Safari 15 here would have every private field written as a map.
    target: 'es2022',
    cssTarget: OLDEST_BROWSERS,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        lobby: here('index.html'),
        watch: here('watch.html'),
        replay: here('replay.html'),
        library: here('library.html'),
        teach: here('teach.html'),
      },
      // hls.js changes far less often than the pages: a file of its own stays cached from one version to the next.
      output: {
        codeSplitting: {
          groups: [
            { name: 'hls', test: /hls\.js/ },
            { name: 'preact', test: /preact/ },
            // What all pages have, in one file and not in ten: each costs a request before the first picture.
            {
              name: 'shared',
              test: /preload-helper|player\/(ui\/|rights\/|text\/(language|strings)|channel\/(api|checked|links|channel-info)|net\/|playback\/run-at|stage\/fullscreen)/,
            },
          ],
        },
      },
    },
  },
});
