import { summarize } from '../measure/statistics.ts';
import { measureFirst } from '../measure/measure-first.ts';
import { onTold, programOptions, tell } from '../start/program.ts';
import { readEdge } from './live-edge.ts';
import { RawClient, requestBytes } from './raw-client.ts';
import type { ViewersOptions } from './viewer-load.ts';

/** Who gets a part later than this after the first one who does has fallen behind. */
const BEHIND_MS = 1000;

const { playlists, count, runsFirst = false } = programOptions() as ViewersOptions;
if (runsFirst) measureFirst();
const now = (): number => performance.timeOrigin + performance.now();
/** When a part was announced to the first viewer, and to each: by playlist, number and part. */
const first = new Map<string, number>();
const announced: { readonly key: string; readonly viewer: number; readonly atMs: number }[] = [];
const fetchedMs: number[] = [];
let recording = false;
let failures = 0;
let ended = 0;

/** One playlist of one viewer: it waits for each part, and fetches it. */
function follow(viewer: number, playlistUrl: string): void {
  const url = new URL(playlistUrl);
  const lost = (): void => {
    ended += 1;
  };
  const playlists = new RawClient(url, lost);
  const media = new RawClient(url, lost);
  let isFetching = false;
  let wanted: string | null = null;

  const fetchPart = (): void => {
    if (wanted === null || isFetching) return;
    const startMs = now();
    isFetching = true;
    const request = requestBytes(new URL(wanted, url));
    wanted = null;
    media.ask(request, (status) => {
      isFetching = false;
      if (status !== 200) failures += 1;
      if (recording) fetchedMs.push(now() - startMs);
      fetchPart();
    });
  };
  const reload = (number: number, part: number): void => {
    const next = new URL(url);
    next.searchParams.set('_HLS_msn', String(number));
    next.searchParams.set('_HLS_part', String(part));
    next.searchParams.set('_HLS_skip', 'YES');
    playlists.ask(requestBytes(next), (status, body) => {
      if (status !== 200) {
        failures += 1;
        setTimeout(() => join(), 500);
        return;
      }
      const edge = readEdge(body.toString('latin1'));
      const atMs = now();
      const key = `${url.pathname} ${number}.${part}`;
      if (!first.has(key)) first.set(key, atMs);
      if (recording) announced.push({ key, viewer, atMs });
      wanted = edge.partUri;
      fetchPart();
      reload(edge.nextNumber, edge.nextPart);
    });
  };
  const join = (): void =>
    playlists.ask(requestBytes(url), (status, body) => {
      if (status !== 200) {
        failures += 1;
        setTimeout(() => join(), 500);
        return;
      }
      const edge = readEdge(body.toString('latin1'));
      reload(edge.nextNumber, edge.nextPart);
    });
  join();
}

for (let viewer = 0; viewer < count; viewer += 1) {
  // Two a millisecond: a class fills within seconds, and the connections are not what is measured.
  setTimeout(() => {
    for (const url of playlists) follow(viewer, url);
  }, viewer / 2);
}
setTimeout(() => tell({ kind: 'joined' }), count / 2 + 500);

let busyMs = 0;
onTold((message) => {
  if (message.kind === 'begin') {
    recording = true;
    busyMs = process.cpuUsage().user + process.cpuUsage().system;
    return;
  }
  recording = false;
  const cpuUs = process.cpuUsage().user + process.cpuUsage().system - busyMs;
  const lateness = announced.map(({ key, viewer, atMs }) => ({
    viewer,
    lateMs: atMs - (first.get(key) ?? atMs),
  }));
  const behind = new Set(lateness.filter(({ lateMs }) => lateMs > BEHIND_MS).map(({ viewer }) => viewer));
  // A part's announcement, by the name under which it was asked for, for whoever knows when it was made.
  const latest = new Map<string, number>();
  for (const { key, atMs } of announced) latest.set(key, Math.max(latest.get(key) ?? 0, atMs));
  tell({
    kind: 'done',
    releaseMs: summarize(lateness.map(({ lateMs }) => lateMs)),
    fetchMs: summarize(fetchedMs),
    behind: behind.size,
    failures,
    ended,
    cpuS: cpuUs / 1e6,
    announced: announced.length,
    parts: [...latest].map(([key, lastMs]) => ({ key, firstMs: first.get(key) ?? 0, lastMs })),
  });
});
