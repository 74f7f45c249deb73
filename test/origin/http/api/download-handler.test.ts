import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DownloadHandler, type DownloadDeps } from '../../../../origin/http/api/download-handler.ts';
import { writePart } from '../../../../origin/packager/cmaf/part-writer.ts';
import { describeSegment } from '../../../../origin/packager/recording/stored-segment.ts';
import { sendError } from '../../../../shared/http-errors.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { videoInit } from '../../support/cmaf-init.ts';

const FIRST = 1_000_192;
const SEGMENTS = 12;
const FRAMES = 40;
const FRAME_TICKS = 3600;

describe('a download of segments that do not fit into a socket at once', () => {
  const init = videoInit(720);
  const stored = Array.from({ length: SEGMENTS }, (_, i) => {
    const number = FIRST + i;
    const samples = Array.from({ length: FRAMES }, (_unused, frame) => ({
      decodeTicks: (number * FRAMES + frame) * FRAME_TICKS,
      durationTicks: FRAME_TICKS,
      compositionOffsetTicks: 0,
      isSync: frame === 0,
      data: Buffer.alloc(10_000, i),
    }));
    const bytes = writePart({ init, sequenceNumber: i, samples });
    return { bytes, segment: describeSegment('720p', number, bytes, init) };
  });
  const fromMs = FIRST * 1600;
  const broadcast = {
    ...{ id: 'b1', channel: 'hall-7', title: 'Lesson', language: 'en', gaps: [], keep: false },
    ...{ startMs: fromMs, endMs: fromMs + SEGMENTS * 1600 },
  };
  const deps: DownloadDeps = {
    index: { between: async () => stored.map(({ segment }) => segment) },
    reader: {
      init: async () => init,
      bytesOf: async (_channel: string, wanted: { readonly number: number }) =>
        stored[wanted.number - FIRST]?.bytes ?? null,
    },
    logger: silentLogger,
    limits: { most: 32, mostPerAddress: 8 },
    clientAddress: () => '203.0.113.5',
  };

  it('goes on whenever the client has received enough, for several clients at once', async () => {
    const downloads = new DownloadHandler(deps);
    const server = createServer((req, res) => void downloads.send(req, res, broadcast, null)).listen(0);
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const sizes = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const answer = await fetch(url);
          const body = await answer.arrayBuffer();
          assert.equal(body.byteLength, Number(answer.headers.get('content-length')));
          return body.byteLength;
        }),
      );
      assert.ok(sizes.every((size) => size > SEGMENTS * FRAMES * 10_000));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('is refused beyond those of one address, while HEAD is answered', async () => {
    const downloads = new DownloadHandler({ ...deps, limits: { most: 32, mostPerAddress: 1 } });
    const server = createServer((req, res) => {
      downloads.send(req, res, broadcast, null).catch((error: unknown) => sendError(res, error));
    }).listen(0);
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const first = await fetch(url);
      const second = await fetch(url);
      assert.equal(second.status, 503);
      assert.match(await second.text(), /1 downloads from this address/);
      assert.equal((await fetch(url, { method: 'HEAD' })).status, 200);
      await first.arrayBuffer();
      await (await fetch(url)).arrayBuffer();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('has nothing of what was cut off, on the grid and beside it, whole or in ranges', async () => {
    const downloads = new DownloadHandler({
      ...deps,
      index: {
        between: async (_channel, range) =>
          stored
            .map(({ segment }) => segment)
            .filter(({ number }) => (number + 1) * 1600 > range.fromMs && number * 1600 < range.toMs),
      },
    });
    for (const [fromSegment, toSegment] of [
      [4, 9],
      [3.5, 8.5],
      [0, 5],
      [7, SEGMENTS],
    ] as const) {
      const trim = { trimStartMs: fromMs + fromSegment * 1600, trimEndMs: fromMs + toSegment * 1600 };
      const server = createServer(
        (req, res) => void downloads.send(req, res, { ...broadcast, ...trim }, null),
      ).listen(0);
      await once(server, 'listening');
      try {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
        const head = await fetch(url, { method: 'HEAD' });
        const size = Number(head.headers.get('content-length'));
        const last = `bytes=${size - 10_000}-${size + 1_000_000}`;
        const bodies = await Promise.all(
          [{}, { range: 'bytes=0-' }, { range: last }].map(async (headers) =>
            Buffer.from(await (await fetch(url, { headers })).arrayBuffer()),
          ),
        );
        assert.deepEqual(
          bodies.map(({ length }) => length),
          [size, size, 10_000],
        );
        const has = (body: Buffer, i: number): boolean => body.includes(Buffer.alloc(9000, i));
        for (let i = 0; i < SEGMENTS; i += 1) {
          const isIn = i >= Math.floor(fromSegment) && i < Math.ceil(toSegment);
          assert.equal(
            bodies.some((body) => has(body, i)),
            isIn,
            `segment ${i} of ${fromSegment} to ${toSegment}`,
          );
        }
      } finally {
        server.closeAllConnections();
        server.close();
      }
    }
  });
});
