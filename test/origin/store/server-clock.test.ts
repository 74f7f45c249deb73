import assert from 'node:assert/strict';
import { askClockAheadMs, clockAheadMs } from '../../../origin/store/server-clock.ts';
import { freePort } from '../../support/free-port.ts';
import { startFakeS3 } from './support/fake-s3.ts';

const NOON_MS = Date.UTC(2026, 0, 1, 12);
const date = (ms: number): string => new Date(ms).toUTCString();

describe('the clock of a store', () => {
  for (const { name, header, sentMs, tookMs, want } of [
    { name: 'the same', header: date(NOON_MS), sentMs: NOON_MS + 300, tookMs: 100, want: 0 },
    {
      name: 'the same, in the second before',
      header: date(NOON_MS),
      sentMs: NOON_MS + 999,
      tookMs: 0,
      want: 0,
    },
    {
      name: 'the same, in a slow answer',
      header: date(NOON_MS + 9000),
      sentMs: NOON_MS,
      tookMs: 10_000,
      want: 0,
    },
    { name: 'ahead', header: date(NOON_MS), sentMs: NOON_MS + 61_000, tookMs: 100, want: 60_000 },
    { name: 'behind', header: date(NOON_MS), sentMs: NOON_MS - 60_100, tookMs: 100, want: -60_000 },
    { name: 'not said', header: null, sentMs: NOON_MS, tookMs: 0, want: null },
    { name: 'nonsense', header: 'noon', sentMs: NOON_MS, tookMs: 0, want: null },
  ]) {
    it(`is compared with ours: ${name}`, () =>
      assert.equal(clockAheadMs(header, sentMs, sentMs + tookMs), want));
  }

  it('is in any answer, and null where there is no server', async () => {
    const server = await startFakeS3((_req, res) => {
      res.setHeader('Date', date(NOON_MS));
      res.writeHead(403).end();
    });
    assert.equal(await askClockAheadMs(server.endpoint, () => NOON_MS + 500), 0);
    await server.close();
    assert.equal(await askClockAheadMs(`http://127.0.0.1:${await freePort()}`, () => NOON_MS), null);
  });
});
