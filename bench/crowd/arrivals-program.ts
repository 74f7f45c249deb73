import { summarize } from '../measure/statistics.ts';
import { readEdge } from '../load/live-edge.ts';
import { RawClient, requestBytes } from '../load/raw-client.ts';
import { onTold, programOptions, tell } from '../start/program.ts';
import type { ArrivalsOptions } from './arrivals.ts';

/** An entry point that was not answered within this has no answer. */
const PATIENCE_MS = 10_000;
const BEHIND_MS = 1000;

const { entry, playlists, count, withinMs } = programOptions() as ArrivalsOptions;
const now = (): number => performance.timeOrigin + performance.now();
const first = new Map<string, number>();
const late: { readonly viewer: number; readonly lateMs: number }[] = [];
const enteredMs: number[] = [];
const following = new Set<number>();
let refused = 0;
let unanswered = 0;
let failures = 0;
let isRecording = false;

/** Asks for the multivariant playlist until it comes, and waits as it is told. */
function arrive(viewer: number): void {
  const beganMs = now();
  const url = new URL(entry);
  const ask = (): void => {
    const client = new RawClient(url, () => {});
    const timer = setTimeout(() => {
      unanswered += 1;
      client.socket.destroy();
      ask();
    }, PATIENCE_MS);
    client.ask(requestBytes(url), (status, body) => {
      clearTimeout(timer);
      if (status === 200) {
        enteredMs.push(now() - beganMs);
        following.add(viewer);
        playlists.forEach((playlist, i) => follow(viewer, playlist, i === 0 ? client : null));
        return;
      }
      refused += 1;
      const seconds = Number(/try again in (\d+) s/.exec(body.toString('latin1'))?.[1] ?? 2);
      client.socket.destroy();
      // With jitter, as the page does.
      setTimeout(ask, (seconds + Math.random()) * 1000);
    });
  };
  ask();
}

/** One playlist of a viewer who is in: it waits for each part, and fetches it. */
function follow(viewer: number, playlistUrl: string, known: RawClient | null): void {
  const url = new URL(playlistUrl);
  const lost = (): void => void following.delete(viewer);
  const texts = known ?? new RawClient(url, lost);
  const media = new RawClient(url, lost);
  let isFetching = false;
  const fetchPart = (uri: string | null): void => {
    if (uri === null || isFetching) return;
    isFetching = true;
    media.ask(requestBytes(new URL(uri, url)), (status) => {
      isFetching = false;
      if (status !== 200) failures += 1;
    });
  };
  const reload = (query: Record<string, string>): void => {
    const next = new URL(url);
    for (const [name, value] of Object.entries(query)) next.searchParams.set(name, value);
    texts.ask(requestBytes(next), (status, body) => {
      if (status !== 200) {
        failures += 1;
        setTimeout(() => reload({}), 500);
        return;
      }
      const edge = readEdge(body.toString('latin1'));
      if (query['_HLS_msn'] !== undefined) {
        const key = `${url.pathname} ${query['_HLS_msn']}.${query['_HLS_part']}`;
        const atMs = now();
        if (!first.has(key)) first.set(key, atMs);
        if (isRecording) late.push({ viewer, lateMs: atMs - (first.get(key) ?? atMs) });
        fetchPart(edge.partUri);
      }
      reload({
        _HLS_msn: String(edge.nextNumber),
        _HLS_part: String(edge.nextPart),
        _HLS_skip: 'YES',
      });
    });
  };
  reload({});
}

for (let viewer = 0; viewer < count; viewer += 1) {
  setTimeout(() => arrive(viewer), (viewer * withinMs) / count);
}
onTold((message) => {
  if (message.kind === 'begin') {
    isRecording = true;
    return;
  }
  const behind = new Set(late.filter(({ lateMs }) => lateMs > BEHIND_MS).map(({ viewer }) => viewer));
  tell({
    kind: 'done',
    ...{ inside: following.size, refused, unanswered, failures, behind: behind.size },
    enteredMs: summarize(enteredMs),
    releaseMs: summarize(late.map(({ lateMs }) => lateMs)),
    cpuS: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  });
});
