import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { IngestView } from '../ingest/ingest-api.ts';
import { attackOnce, HOSTILE_FILL } from '../test/ingest/support/hostile-publisher.ts';
import { amfString, chunked, RtmpClient } from '../test/ingest/support/rtmp-client.ts';
import { fetchRunState } from '../cli/on-air.ts';
import { waitFor } from '../test/support/wait-for.ts';
import type { Bench, BenchResult, Row } from './bench.ts';
import { startWallClock } from './publish/wall-clock.ts';
import { startLectern, type LecternProcess } from './start/lectern-process.ts';

const YAML = `channels:
  - {id: hall-7, title: Hall 7, publishKey: hall-7-stream-key}
  - {id: hall-8, title: Hall 8, publishKey: hall-8-stream-key}
ladder: {rungs: [{height: 360, videoKbps: 500}]}
`;
/** Attempts at once. */
const AT_ONCE = 4;
/** The peer needs few attempts: it lets every one through, or most. */
const PEER_TRIES = 20;
const HOSTILE = Buffer.alloc(16, HOSTILE_FILL);

/** Publishers with a wrong key that send as fast as they can. */
export const intruders: Bench = {
  name: 'intruders',
  title: 'publishers with a wrong key that send video at once and as fast as they can',
  needs: ['ffmpeg'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const tries = options.tries ?? 1000;
    const lectern = await startLectern(YAML);
    const publisher = await startWallClock({
      url: lectern.publishUrl('hall-7', 'hall-7-stream-key'),
      fps: 25,
      widthPx: 640,
      heightPx: 360,
    });
    let feedBytes = 0;
    let found = 0;
    let allowed = 0;
    let idle: string;
    try {
      await lectern.waitForState('hall-7', 'on-air');
      const stop = new AbortController();
      const watched = watchFeed(lectern, stop.signal, (bytes, holds) => {
        feedBytes += bytes;
        if (holds) found += 1;
      });
      let begun = 0;
      const attack = async (): Promise<void> => {
        while (begun < tries) {
          begun += 1;
          // By turns a channel with a class on it, and one without.
          const channel = begun % 2 === 0 ? 'hall-7' : 'hall-8';
          const heard = await attackOnce(lectern.rtmpPort, `${channel}?key=wrong`);
          if (heard.includes('NetStream.Publish.Start')) allowed += 1;
          if (begun % 250 === 0) say(`${begun} tries, ${found} with media in the feed`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, attack));
      await after(2000);
      stop.abort();
      await watched;
      idle = await stateOfIdle(lectern);
    } finally {
      await publisher.stop();
      await lectern.stop();
    }
    const peer = await attackPlainServer();
    const onAir = found + allowed + (idle === '' ? 0 : 1);
    const rows: Row[] = [
      {
        ...{ what: `${tries} tries: on air`, unit: '', ours: onAir, mark: '≤ 0', met: onAir === 0 },
        ...{ peer: `plain node-media-server, ${PEER_TRIES} tries`, theirs: peer },
      },
    ];
    const notes = [
      `${(feedBytes / 1e6).toFixed(1)} MB of the class's feed were looked through meanwhile, from before the first try to after the last`,
      ...(idle === '' ? [] : [`the channel without a class: ${idle}`]),
    ];
    return { rows, notes, detail: { tries, found, allowed, idle, feedBytes, peer }, broken: onAir > 0 };
  },
};

/** Looks through all that the transcoder of the class on air gets. */
async function watchFeed(
  lectern: LecternProcess,
  signal: AbortSignal,
  onBytes: (count: number, holds: boolean) => void,
): Promise<void> {
  const { publish } = await ingestView(lectern, 'hall-7');
  const headers = { authorization: `Bearer ${await lectern.token('worker')}` };
  const feed = await fetch(`${lectern.url}/feeds/hall-7/${publish?.broadcast ?? ''}.flv`, {
    headers,
    signal,
  });
  if (!feed.ok) throw new Error(`the feed: ${feed.status}`);
  let tail: Buffer = Buffer.alloc(0);
  try {
    for await (const bytes of feed.body ?? []) {
      const all = Buffer.concat([tail, bytes]);
      onBytes(bytes.length, all.includes(HOSTILE));
      // What begins at the end of one read goes on in the next.
      tail = all.subarray(Math.max(0, all.length - HOSTILE.length + 1));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return;
  }
  throw new Error('the feed of the class ended during the attack');
}

async function ingestView(lectern: LecternProcess, channel: string): Promise<IngestView> {
  const headers = { authorization: `Bearer ${await lectern.token('operator')}` };
  return (await (await fetch(`${lectern.url}/api/ingest/${channel}`, { headers })).json()) as IngestView;
}

/** What is wrong with the channel that nobody may have published to; '' for nothing. */
async function stateOfIdle(lectern: LecternProcess): Promise<string> {
  const { publish } = await ingestView(lectern, 'hall-8');
  const state = await fetchRunState(lectern.url, 'hall-8');
  const headers = { authorization: `Bearer ${await lectern.token('operator')}` };
  const answer = await fetch(`${lectern.url}/api/channels/hall-8/feeds`, { headers });
  const { feeds } = (await answer.json()) as { readonly feeds: readonly unknown[] };
  return publish === null && state === 'before' && feeds.length === 0
    ? ''
    : `state ${state}, ${feeds.length} feeds, publisher ${JSON.stringify(publish)}`;
}

/** The same against the library alone, with publishing switched to "asks for a signature". @returns tries that got through */
async function attackPlainServer(): Promise<number> {
  const program = join(import.meta.dirname, '..', 'test', 'ingest', 'support', 'plain-node-media-server.ts');
  // It ends with its standard input.
  const server = spawn(process.execPath, ['--import', 'tsx', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  server.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  const port = await waitFor(
    'the plain server listens',
    () => Number(/^port (\d+)$/m.exec(said)?.[1]) || null,
  );
  const player = new RtmpClient(port);
  let through = 0;
  try {
    await player.greet();
    player.connectApp();
    const play = Buffer.concat([amfString('play'), Buffer.alloc(9), Buffer.from([5]), amfString('hall-7')]);
    player.send(chunked({ chunkStream: 8, type: 20, stream: 1, body: play }));
    await player.hears('NetStream.Play.Start');
    for (let attempt = 0; attempt < PEER_TRIES; attempt += 1) {
      const before = player.heard.length;
      await attackOnce(port, 'hall-7?key=wrong');
      await after(50);
      if (Buffer.from(player.heard.slice(before), 'latin1').includes(HOSTILE)) through += 1;
    }
  } finally {
    player.close();
    server.kill('SIGKILL');
  }
  return through;
}
