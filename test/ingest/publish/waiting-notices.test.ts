import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WaitingNotices } from '../../../ingest/publish/waiting-notices.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('telling origins of encoders that send nothing', () => {
  const origins: Server[] = [];
  const heard: string[] = [];
  let notices: WaitingNotices | null = null;

  /** An origin; one that holds its answers never gives one. */
  const open = async (holds = false): Promise<string> => {
    const server = createServer((req, res) => {
      heard.push(`${origins.findIndex((origin) => origin === server)} ${req.method} ${req.url}`);
      assert.match(req.headers.authorization ?? '', /^Bearer token of hall-\d$/);
      if (!holds) res.writeHead(204).end();
    });
    origins.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const start = (urls: readonly string[], waiting: ReadonlySet<string>): void => {
    notices = new WaitingNotices({
      ...{ origins: urls, waiting: () => waiting, token: async (channel) => `token of ${channel}` },
      ...{ logger: silentLogger, nowMs: () => Date.now(), everyMs: 5 },
    });
  };
  afterEach(() => {
    notices?.stop();
    for (const server of origins.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    heard.length = 0;
  });

  it('each origin hears of each such channel again and again, until its media comes', async () => {
    const waiting = new Set(['hall-7', 'hall-8']);
    start([await open(), await open()], waiting);
    const count = (text: string) => heard.filter((line) => line.startsWith(text)).length;
    for (const origin of [0, 1])
      for (const channel of ['hall-7', 'hall-8'])
        await waitFor('two notices', () => count(`${origin} PUT /ingest/${channel}`) >= 2);
    waiting.delete('hall-7');
    const [before, other] = [count('0 PUT /ingest/hall-7'), count('0 PUT /ingest/hall-8')];
    await waitFor('more of the other one', () => count('0 PUT /ingest/hall-8') >= other + 3);
    // One may have been on its way.
    assert.ok(count('0 PUT /ingest/hall-7') <= before + 1);
  });

  it('one that does not answer is not asked twice at once, and holds up no other', async () => {
    start([await open(true), await open()], new Set(['hall-7']));
    await waitFor('the other one', () => heard.filter((line) => line.startsWith('1 ')).length >= 5);
    assert.equal(heard.filter((line) => line.startsWith('0 ')).length, 1);
  });
});
