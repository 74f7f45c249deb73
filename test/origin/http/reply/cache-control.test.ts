import assert from 'node:assert/strict';
import { cacheControl } from '../../../../origin/http/reply/cache-control.ts';

describe('Cache-Control', () => {
  const table: readonly {
    name: string;
    privateForS: number | null;
    maxAgeS: number | null;
    want: string;
  }[] = [
    { name: 'media for all', privateForS: null, maxAgeS: null, want: 'public, max-age=31536000, immutable' },
    { name: 'a playlist for all', privateForS: null, maxAgeS: 1, want: 'public, max-age=1' },
    { name: 'media for one', privateForS: 3600, maxAgeS: null, want: 'private, max-age=3600, immutable' },
    { name: 'a playlist for one', privateForS: 3600, maxAgeS: 12, want: 'private, max-age=12' },
    { name: 'a token in its last seconds', privateForS: 5, maxAgeS: 12, want: 'private, max-age=5' },
    { name: 'a token that has just ended', privateForS: 0, maxAgeS: null, want: 'no-store' },
    { name: 'a playlist that no cache may store', privateForS: 0, maxAgeS: 12, want: 'no-store' },
    {
      name: 'a token of ten years',
      privateForS: 315_360_000,
      maxAgeS: null,
      want: 'private, max-age=31536000, immutable',
    },
  ];
  for (const { name, privateForS, maxAgeS, want } of table) {
    it(`of ${name}: ${want}`, () => assert.equal(cacheControl(privateForS, maxAgeS), want));
  }
});
