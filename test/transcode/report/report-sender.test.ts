import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type FeedReport, readFeedReport } from '../../../shared/feed-report.ts';
import { type Logger, silentLogger } from '../../../shared/logger.ts';
import { ReportSender } from '../../../transcode/report/report-sender.ts';
import { waitFor } from '../../support/wait-for.ts';

const REPORT: FeedReport = {
  atMs: 1000,
  plan: { level: 0, name: 'full', sinceMs: 0, reason: '', frameRate: 25, tracks: ['720p'], away: [] },
  lagMs: {
    ...{ line: { picture: 1, sound: 1 }, source: { picture: 2, sound: 2 }, queue: null },
    ...{ rungs: { '720p': 3 }, sound: 4, uplink: 5 },
  },
};

describe('sending reports', () => {
  const servers: Server[] = [];
  const senders: ReportSender[] = [];
  const lines: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_fields, message) => void lines.push(message) };

  const serve = async (
    answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  ): Promise<string> => {
    const server = createServer((request, response) => void answer(request, response));
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const send = (origins: readonly string[]): void => {
    const sender = new ReportSender({
      ...{ origins, channel: 'hall-7', feed: 'live.b1', logger, everyMs: 5 },
      token: async () => 'a-token',
      report: () => REPORT,
      nowMs: () => 5000,
    });
    senders.push(sender);
  };
  afterEach(async () => {
    for (const sender of senders.splice(0)) sender.stop();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
    lines.length = 0;
  });

  it('puts the report to each origin, with its token, again and again', async () => {
    const got: { method: string; url: string; token: string; body: string }[] = [];
    const url = await serve(async (request, response) => {
      const { method = '', url: path = '', headers } = request;
      got.push({ method, url: path, token: headers.authorization ?? '', body: await text(request) });
      response.writeHead(204).end();
    });
    send([url]);
    await waitFor('two reports', () => got.length >= 2);
    const [first] = got;
    assert.equal(
      `${first?.method} ${first?.url} ${first?.token}`,
      'PUT /ingest/hall-7/live.b1 Bearer a-token',
    );
    assert.deepEqual(readFeedReport(Buffer.from(first?.body ?? '')), REPORT);
  });

  it('an origin that does not answer gets no second request, and holds up no other', async () => {
    let stuck = 0;
    let answered = 0;
    const slow = await serve(() => void stuck++);
    const quick = await serve((_request, response) => {
      answered++;
      response.writeHead(204).end();
    });
    send([slow, quick]);
    await waitFor('five reports at the other', () => answered >= 5);
    assert.equal(stuck, 1);
  });

  it('an origin that refuses is logged once, and asked again; one that does not know the feed yet is not logged', async () => {
    let refused = 0;
    let unknown = 0;
    const refuses = await serve((_request, response) => {
      refused++;
      response.writeHead(400).end('bad-report');
    });
    const knowsNot = await serve((_request, response) => {
      unknown++;
      response.writeHead(404).end();
    });
    send([refuses, knowsNot]);
    await waitFor('reports at both', () => refused >= 3 && unknown >= 3);
    assert.deepEqual(lines, ['an origin refused a report: bad-report']);
  });

  it('an origin that is away is logged once', async () => {
    const url = await serve(() => {});
    const [server] = servers.splice(0);
    server?.close();
    send([url]);
    await waitFor('a line', () => lines.length > 0);
    assert.match(lines[0] ?? '', /^a report did not reach an origin: .*ECONNREFUSED/);
  });
});
