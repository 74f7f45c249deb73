import { onTold, programOptions, tell } from '../start/program.ts';
import { RawClient, requestBytes } from './raw-client.ts';
import type { WaitingOptions } from './waiting.ts';

// Clients that all wait for one answer: connected beforehand, their request written beforehand.
const { url, count } = programOptions() as WaitingOptions;
const base = new URL(url);
const now = (): number => performance.timeOrigin + performance.now();
let connected = 0;
let failed = 0;
const clients = Array.from({ length: count }, () => {
  const client = new RawClient(base, () => {
    failed += 1;
  });
  client.socket.once('connect', () => {
    connected += 1;
    if (connected === count) tell({ kind: 'connected' });
  });
  return client;
});

onTold((message) => {
  if (message.kind !== 'ask') return;
  const { path } = message as { readonly kind: string; readonly path: string };
  const request = requestBytes(new URL(path, base), { 'Accept-Encoding': 'gzip' });
  const times: number[] = [];
  let refused = 0;
  const lost = failed;
  for (const client of clients) {
    client.ask(request, (status) => {
      times.push(now());
      if (status !== 200) refused += 1;
      if (times.length + failed - lost < count) return;
      tell({ kind: 'answered', firstMs: times[0] ?? 0, lastMs: times.at(-1) ?? 0, refused, lost: failed });
    });
  }
  tell({ kind: 'asked' });
});
