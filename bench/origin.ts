import { type Bench, type BenchResult, type Row, rowByRatio } from './bench.ts';
import { startBareServer } from './load/bare-server.ts';
import { startSyntheticFeed, SYNTHETIC_YAML } from './load/synthetic-feed.ts';
import { load, LOADER_NOTE } from './load/wrk.ts';
import { median } from './measure/statistics.ts';
import { fetchRaw } from './served/fetch-raw.ts';
import { newestPartUrl } from './served/newest-part.ts';
import { canPin, LOAD_CORE, SERVER_CORE } from './start/cores.ts';
import { startLectern } from './start/lectern-process.ts';
import { startNginx } from './start/nginx.ts';

const CONNECTIONS = 100;
const MARK = { atLeast: 0.9 };

/** What is asked for: where at ours, and under which headers. */
type Case = {
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  url(): Promise<string>;
};

/** Parts and playlists a second on one core, beside bare node:http and nginx with the same bytes. */
export const origin: Bench = {
  name: 'origin',
  title: 'origin throughput on one core, with a class on air',
  needs: ['ffmpeg'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const seconds = options.seconds ?? 10;
    const rounds = options.rounds ?? 3;
    const notes = LOADER_NOTE === null ? [] : [LOADER_NOTE];
    if (!canPin()) notes.push('no second core, or no taskset: server and load share the machine');
    const lectern = await startLectern(SYNTHETIC_YAML, { role: 'origin', core: SERVER_CORE });
    const playlist = `${lectern.url}/live/hall-7/720p.m3u8`;
    const rows: Row[] = [];
    const detail: object[] = [];
    const cases: readonly Case[] = [
      { what: 'part', headers: {}, url: () => newestPartUrl(playlist) },
      { what: 'playlist', headers: {}, url: async () => playlist },
      { what: 'playlist, gzip', headers: { 'Accept-Encoding': 'gzip' }, url: async () => playlist },
    ];
    const feed = await startSyntheticFeed(lectern, LOAD_CORE);
    try {
      for (const { what, headers, url } of cases) {
        const sample = await fetchRaw(await url(), headers);
        const path = '/body';
        const bare = await startBareServer(
          [{ path, base64: sample.body.toString('base64'), headers: sample.headers }],
          SERVER_CORE,
        );
        const nginx = await startNginx({ [path]: sample.body }, SERVER_CORE);
        const rates: Record<'ours' | 'bare' | 'nginx', number[]> = { ours: [], bare: [], nginx: [] };
        let failed = 0;
        // By turns, so that what else the machine does meets all of them.
        for (let round = 0; round < rounds; round += 1) {
          const ask = async (name: keyof typeof rates, address: string): Promise<void> => {
            const result = await load({ url: address, seconds, connections: CONNECTIONS, headers });
            rates[name].push(result.requestsPerS);
            failed += result.failed;
          };
          await ask('ours', await url());
          await ask('bare', `${bare.url}${path}`);
          if (nginx !== null) await ask('nginx', `${nginx.url}${path}`);
        }
        await bare.program.stop();
        await nginx?.stop();
        const name = `${what} of ${(sample.body.length / 1000).toFixed(1)} kB`;
        const ours = median(rates.ours);
        rows.push(rowByRatio(name, 'req/s', ours, 'bare node:http', median(rates.bare), MARK));
        if (nginx !== null) {
          rows.push({
            ...rowByRatio(name, 'req/s', ours, 'nginx', median(rates.nginx), MARK),
            mark: '',
            met: null,
          });
        }
        if (failed > 0) notes.push(`${name}: ${failed} requests failed`);
        detail.push({ what, sizeBytes: sample.body.length, rates, failed });
        say(`${name}: ${ours.toFixed(0)} req/s, bare ${median(rates.bare).toFixed(0)}`);
      }
    } finally {
      await feed.stop();
      await lectern.stop();
    }
    notes.push(
      `median of ${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections; a feed of three rungs is pushed meanwhile`,
    );
    return { rows, notes, detail };
  },
};
