import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { waitFor } from '../../support/wait-for.ts';

/** A player as its authors ship it, with nothing changed. */
export type BarePlayerName = 'hls.js' | 'dash.js';

/** Pages of such players. */
export type BarePlayers = {
  /** The page in which a player plays a playlist; for dash.js the manifest beside it. */
  urlOf(player: BarePlayerName, playlistUrl: string): string;
  stop(): void;
};

/** What such a page shows at one moment. */
export type BareLook = {
  readonly timeS: number;
  readonly durationS: number;
  readonly ended: boolean;
  /** Errors that its player could not mend. */
  readonly errors: readonly string[];
};

type Shipped = {
  readonly script: string;
  /** What the page runs; `url` and `errors` are there. */
  readonly start: string;
};

const SHIPPED: Readonly<Record<BarePlayerName, Shipped>> = {
  'hls.js': {
    script: '../../../node_modules/hls.js/dist/hls.min.js',
    start: `const hls = new Hls(); hls.on('hlsError', (_, data) => data.fatal && errors.push(data.details));
hls.loadSource(url); hls.attachMedia(video); hls.on('hlsManifestParsed', () => video.play());`,
  },
  'dash.js': {
    script: '../../../node_modules/dashjs/dist/modern/umd/dash.all.min.js',
    start: `const player = dashjs.MediaPlayer().create();
player.on('error', (event) => errors.push(event.error.code + ' ' + event.error.message));
player.initialize(video, url.replace('index.m3u8', 'manifest.mpd'), true);`,
  },
};
/** Names of the players. */
export const BARE_PLAYERS: readonly BarePlayerName[] = ['hls.js', 'dash.js'];

/** Serves the pages on a free port. */
export async function startBarePlayers(): Promise<BarePlayers> {
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://page');
    const name = BARE_PLAYERS.find((player) => pathname.startsWith(`/${player}/`));
    if (name === undefined) {
      res.writeHead(404).end();
      return;
    }
    const { script, start } = SHIPPED[name];
    if (pathname.endsWith('/script.js')) {
      res.writeHead(200, { 'Content-Type': 'text/javascript' });
      res.end(readFileSync(new URL(script, import.meta.url)));
      return;
    }
    res.writeHead(200, { 'Content-Type': 'text/html' });
    res.end(`<!doctype html><meta charset="utf-8"><video muted playsinline></video><script src="/${name}/script.js"></script>
<script>const video = document.querySelector('video'); const errors = [];
const url = new URLSearchParams(location.search).get('url'); ${start}</script>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (player, playlistUrl) =>
      `http://127.0.0.1:${port}/${player}/?url=${encodeURIComponent(playlistUrl)}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Looks at such a page. */
export function lookAtBare(page: Page): Promise<BareLook> {
  return page.evaluate(
    `({ timeS: video.currentTime, durationS: video.duration, ended: video.ended, errors })`,
  );
}

/** Waits until it plays from about a time on. */
export async function waitUntilItPlays(page: Page, fromS: number, withinMs = 30_000): Promise<void> {
  await waitFor(
    `it plays from ${fromS} s`,
    async () => {
      const { timeS } = await lookAtBare(page);
      return timeS > fromS + 0.5 && timeS < fromS + 8;
    },
    withinMs,
  );
}
