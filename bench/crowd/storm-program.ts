import { constants, setPriority } from 'node:os';
import { Agent, get } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { onTold, programOptions, tell } from '../start/program.ts';
import type { StormOptions } from './storm.ts';

// The viewers who are measured are on the same core, and must not wait for this.
setPriority(0, constants.priority.PRIORITY_LOW);

const { url, download, replay, downloads, replays, searches } = programOptions() as StormOptions;
const counts = { downloadedBytes: 0, downloads: 0, replayed: 0, searches: 0, refused: 0, failed: 0 };
let isOver = false;

/** Gets a path and discards or returns its body; null when it is refused or fails. */
async function fetchText(
  path: string,
  agent: Agent,
  count?: (bytes: number) => void,
): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = get(url + path, { agent }, (res) => {
      let text = '';
      if (res.statusCode !== 200 && res.statusCode !== 206) {
        counts[res.statusCode === 503 ? 'refused' : 'failed'] += 1;
        res.resume().once('close', () => resolve(null));
        return;
      }
      if (count === undefined) res.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      else res.on('data', (piece: Buffer) => count(piece.length));
      res.once('close', () => resolve(text));
    });
    asked.once('error', () => {
      counts.failed += 1;
      resolve(null);
    });
  });
}

/** Repeats until the end; waits when it is refused. */
async function repeat(work: (agent: Agent, round: number) => Promise<boolean>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let round = 0; !isOver; round += 1) {
    if (!(await work(agent, round))) await after(300 + Math.random() * 700);
  }
}

const downloadOnce = async (agent: Agent): Promise<boolean> => {
  const text = await fetchText(download, agent, (bytes) => {
    counts.downloadedBytes += bytes;
  });
  if (text !== null) counts.downloads += 1;
  return text !== null;
};

/** A replay from a place of its own: its list is made for it alone. */
const replayOnce =
  (viewer: number) =>
  async (agent: Agent, round: number): Promise<boolean> => {
    const fromMs = replay.fromMs + (((viewer * 7 + round * 13) % 100) * (replay.toMs - replay.fromMs)) / 200;
    const folder = `/replay/${replay.channel}/${Math.round(fromMs)}-${replay.toMs}/`;
    if ((await fetchText(`${folder}index.m3u8`, agent)) === null) return false;
    const playlist = await fetchText(`${folder}${replay.rendition}.m3u8`, agent);
    const segments = (playlist ?? '').split('\n').filter((line) => line.includes('.m4s'));
    for (const segment of segments.slice(0, 10)) {
      if (isOver) break;
      await fetchText(new URL(segment.trim(), url + folder).pathname, agent, () => {});
      await after(400);
    }
    counts.replayed += 1;
    return playlist !== null;
  };

const searchOnce = async (agent: Agent, round: number): Promise<boolean> => {
  const text = await fetchText(`/api/broadcasts?q=nothing+has+these+words+${round}`, agent);
  if (text !== null) counts.searches += 1;
  return text !== null;
};

for (let i = 0; i < downloads; i += 1) void repeat(downloadOnce);
for (let i = 0; i < replays; i += 1) void repeat(replayOnce(i));
for (let i = 0; i < searches; i += 1) void repeat(searchOnce);
tell({ kind: 'started' });
onTold(() => {
  isOver = true;
  tell({ kind: 'done', ...counts });
});
