import { fetchRaw } from './served/fetch-raw.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { type Bench, type BenchResult, rowByRatio, type Row } from './bench.ts';
import { startBareServer } from './load/bare-server.ts';
import { startSyntheticFeed, SYNTHETIC_YAML, type SyntheticFeed } from './load/synthetic-feed.ts';
import { startWaiting } from './load/waiting.ts';
import { load, LOADER_NOTE } from './load/wrk.ts';
import { median } from './measure/statistics.ts';
import { LOAD_CORE, SERVER_CORE } from './start/cores.ts';
import { startLectern } from './start/lectern-process.ts';

const PART_MS = 200;
const SEGMENT_MS = 1600;
/** Time for all requests to have arrived before the part does. */
const ARRIVE_MS = 1500;
const MARK = { atMost: 1.2 };

/** Many requests that wait for one part: how long until the last is answered. */
export const releaseBench: Bench = {
  name: 'release',
  title: 'blocking reloads that wait on one playlist: from the part to the last answer',
  needs: ['ffmpeg'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const count = options.waiting ?? 5000;
    const rounds = options.rounds ?? 5;
    const notes = LOADER_NOTE === null ? [] : [LOADER_NOTE];
    const lectern = await startLectern(SYNTHETIC_YAML, { role: 'origin', core: SERVER_CORE });
    const feed = await startSyntheticFeed(lectern, LOAD_CORE);
    const ours: number[] = [];
    const ourSpan: number[] = [];
    const held: number[] = [];
    let rate: number;
    let refused = 0;
    try {
      const path = '/live/hall-7/720p.m3u8';
      const waiting = await startWaiting({ url: lectern.url, count }, LOAD_CORE);
      for (let round = 0; round < rounds; round += 1) {
        const partStartMs = Math.ceil((Date.now() + ARRIVE_MS) / PART_MS) * PART_MS;
        const number = Math.floor(partStartMs / SEGMENT_MS);
        const part = Math.floor((partStartMs % SEGMENT_MS) / PART_MS);
        await waiting.ask(`${path}?_HLS_msn=${number}&_HLS_part=${part}`);
        const answer = await waiting.answered();
        const pushedMs = await pushTime(feed, partStartMs + PART_MS);
        ours.push(answer.lastMs - pushedMs);
        ourSpan.push(answer.lastMs - answer.firstMs);
        refused += answer.refused + answer.lost;
        say(`round ${round + 1}: the last one ${(answer.lastMs - pushedMs).toFixed(0)} ms after the part`);
      }
      await waiting.stop();
      const sample = await fetchRaw(`${lectern.url}${path}`, { 'Accept-Encoding': 'gzip' });
      const body = { path: '/body', base64: sample.body.toString('base64'), headers: sample.headers };
      const bare = await startBareServer([body], SERVER_CORE);
      rate = (
        await load({ url: `${bare.url}/body`, seconds: options.seconds ?? 10, connections: 100, headers: {} })
      ).requestsPerS;
      const peers = await startWaiting({ url: bare.url, count }, LOAD_CORE);
      for (let round = 0; round < rounds; round += 1) {
        await peers.ask('/hold');
        await waitFor('the bare server holds all', async () => {
          bare.program.send({ kind: 'held' });
          return (await bare.program.next<{ kind: 'held'; count: number }>('held')).count === count;
        });
        bare.program.send({ kind: 'release' });
        const { atMs } = await bare.program.next<{ kind: 'released'; atMs: number }>('released');
        held.push((await peers.answered()).lastMs - atMs);
      }
      await peers.stop();
      await bare.program.stop();
    } finally {
      await feed.stop();
      await lectern.stop();
    }
    const atRate = (count / rate) * 1000;
    const what = `${count} waiting: the last one answered`;
    const rows: Row[] = [
      rowByRatio(what, 'ms', median(ours), `${count} / rate of bare node:http`, atRate, MARK),
      {
        ...rowByRatio(what, 'ms', median(ours), 'bare node:http that holds as many', median(held), MARK),
        mark: '',
        met: null,
      },
      {
        ...rowByRatio(
          `${count} waiting: first to last`,
          'ms',
          median(ourSpan),
          `${count} / rate of bare node:http`,
          atRate,
          MARK,
        ),
        mark: '',
        met: null,
      },
    ];
    notes.push(
      `median of ${rounds} rounds; bare node:http answers ${rate.toFixed(0)} of the same playlist a second (gzip, 100 connections)`,
    );
    if (refused > 0) notes.push(`${refused} requests were not answered with 200`);
    return { rows, notes, detail: { count, ours, ourSpan, held, rate, refused } };
  },
};

async function pushTime(feed: SyntheticFeed, partEndMs: number): Promise<number> {
  return waitFor('the push is told of', () => feed.pushedAtMs(partEndMs));
}
