import assert from 'node:assert/strict';
import { DownloadPlaces } from '../../../../origin/http/api/download-places.ts';

const LIMITS = { most: 32, mostPerAddress: 8 };

/** A download whose client the test is. */
class Client {
  takenBytes = 0;
  isEnded = false;
  readonly running = {
    takenBytes: () => this.takenBytes,
    end: () => {
      this.isEnded = true;
    },
  };
}

describe('the places of downloads', () => {
  let places: DownloadPlaces;
  beforeEach(() => {
    places = new DownloadPlaces(LIMITS);
  });

  const start = (address: string | null, atMs = 0): Client => {
    const client = new Client();
    places.take(address, client.running, atMs);
    return client;
  };
  const refused = (address: string | null, atMs: number): void =>
    assert.throws(() => start(address, atMs), { code: 'too-many-downloads', status: 503, retryAfterS: 30 });

  it('are few for one address, and the rest is for others', () => {
    for (let i = 0; i < 8; i++) start('203.0.113.5');
    refused('203.0.113.5', 1000);
    start('203.0.113.6', 1000);
    for (let i = 0; i < 8; i++) start(`2001:db8:1:2::${i}`);
    refused('2001:db8:1:2:3::9', 1000);
  });

  it('are not counted by address where that is not known, and are as many as the origin has', () => {
    for (let i = 0; i < 32; i++) start(null);
    refused(null, 1000);
  });

  it('are taken from whoever hardly reads, when somebody waits', () => {
    const trickling = Array.from({ length: 32 }, (_, i) => start(`203.0.113.${i}`));
    for (let at = 0; at <= 25_000; at += 5000) {
      for (const [i, client] of trickling.entries()) client.takenBytes += 5 * (2000 + i);
      places.look(at);
    }
    start('198.51.100.1', 25_000);
    assert.deepEqual(
      trickling.map(({ isEnded }) => isEnded),
      trickling.map((_, i) => i === 0),
    );
  });

  it('are taken from the own address first, where that has too many', () => {
    const own = Array.from({ length: 8 }, () => start('203.0.113.5'));
    const other = start('203.0.113.6');
    places.look(20_000);
    start('203.0.113.5', 20_000);
    assert.equal(own.filter(({ isEnded }) => isEnded).length, 1);
    assert.equal(other.isEnded, false);
  });

  it('are not taken from whoever reads, however slowly, while nobody waits; nor from one that has just begun', () => {
    const slow = start('203.0.113.5');
    for (let at = 0; at < 3_600_000; at += 5000) {
      slow.takenBytes += 10;
      places.look(at);
    }
    assert.equal(slow.isEnded, false);
    for (let i = 0; i < 31; i++) start(`198.51.100.${i}`, 3_600_000);
    for (let i = 0; i < 1; i++) start('198.51.100.99', 3_600_000);
    assert.equal(slow.isEnded, true);
    refused('198.51.100.100', 3_600_000);
  });

  it('are not taken from whoever reads fast', () => {
    const fast = Array.from({ length: 32 }, (_, i) => start(`203.0.113.${i}`));
    for (let at = 0; at <= 60_000; at += 5000) {
      for (const client of fast) client.takenBytes += 5 * 20_000;
      places.look(at);
    }
    refused('198.51.100.1', 60_000);
    assert.equal(places.count, 32);
  });

  it('are given back', () => {
    const give = Array.from({ length: 8 }, () => places.take('a', new Client().running, 0));
    for (const back of give) back();
    for (let i = 0; i < 8; i++) start('a');
    assert.equal(places.count, 8);
  });
});
