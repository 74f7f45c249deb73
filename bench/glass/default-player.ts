import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

/** A page that plays any stream with hls.js as it comes: nothing is configured but that low latency is wanted. */
export type DefaultPlayer = {
  /** The page for a multivariant playlist. */
  urlFor(playlistUrl: string): string;
  stop(): void;
};

const PAGE = `<!doctype html><meta charset="utf-8"><title>hls.js as it comes</title>
<body style="margin:0"><video id="video" muted autoplay playsinline style="width:1280px;height:720px"></video>
<script src="/hls.min.js"></script>
<script>
const hls = new Hls();
hls.loadSource(new URLSearchParams(location.search).get('src'));
hls.attachMedia(document.getElementById('video'));
hls.on(Hls.Events.MANIFEST_PARSED, () => document.getElementById('video').play());
</script></body>`;

/** Serves that page and its script on a free port. */
export async function startDefaultPlayer(): Promise<DefaultPlayer> {
  const script = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'));
  const server = createServer((req, res) => {
    const isScript = req.url === '/hls.min.js';
    res.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    res.end(isScript ? script : PAGE);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    urlFor: (playlistUrl) => `http://127.0.0.1:${port}/?src=${encodeURIComponent(playlistUrl)}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
