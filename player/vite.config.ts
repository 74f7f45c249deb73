import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/**
 * Builds the pages into dist/player: index.html (lobby), watch.html (one channel), and assets/ whose names carry a hash of
 * their content, so that they may be cached for ever. Every address is absolute, because /watch/{channel} has a level more.
 */
export default defineConfig({
  base: '/',
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false })],
  build: {
    outDir: '../dist/player',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: { input: { lobby: 'player/index.html', watch: 'player/watch.html' } },
  },
});
