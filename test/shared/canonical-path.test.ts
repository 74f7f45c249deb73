import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalUrl } from '../../shared/canonical-path.ts';

describe('the address that was meant', () => {
  const table: readonly (readonly [url: string, want: string | null])[] = [
    ['/', null],
    ['/watch/hall-7', null],
    ['/live/hall-7/720p.m3u8?_HLS_msn=5&_HLS_part=1', null],
    ['/watch/Hall-7', '/watch/hall-7'],
    ['/Watch/hall-7', '/watch/hall-7'],
    ['/WATCH/HALL-7?From=Beginning', '/watch/hall-7?From=Beginning'],
    ['/watch/hall-7/', '/watch/hall-7'],
    ['/watch/hall-7//', '/watch/hall-7'],
    ['//watch/hall-7', '/watch/hall-7'],
    ['/watch//hall-7', '/watch/hall-7'],
    ['/watch/%48all%2D7', '/watch/hall-7'],
    ['/%77atch/hall-7', '/watch/hall-7'],
    ['/library/', '/library'],
    ['/Teach/Hall-7', '/teach/hall-7'],
    ['/API/Channels/Hall-7', '/api/channels/hall-7'],
    ['/Live/Hall-7/Index.M3U8', '/live/hall-7/index.m3u8'],
    // `S-01` and `s-01` are two students.
    ['/api/rollcall/hall-7/students/S-01', null],
    ['/api/channels/hall-7/students/S-01', null],
    ['/api/rollcall/hall-7/students/Anna%40school', null],
    ['/api/rollcall/hall-7/students/%53-01', '/api/rollcall/hall-7/students/S-01'],
    ['/API//RollCall/Hall-7//students/S-01/', '/api/rollcall/hall-7/students/S-01'],
    ['/t/AbC.dEf.GhI/Api/channels/Hall-7/students/S-01', '/t/AbC.dEf.GhI/api/channels/hall-7/students/S-01'],
    ['/API/OpenAPI.json', '/api/openapi.json'],
    ['/t/AbC.dEf.GhI/live/hall-7/index.m3u8', null],
    ['/t/AbC.dEf.GhI/Live/Hall-7/index.m3u8', '/t/AbC.dEf.GhI/live/hall-7/index.m3u8'],
    ['//t/AbC.dEf.GhI/live/hall-7/index.m3u8', '/t/AbC.dEf.GhI/live/hall-7/index.m3u8'],
    ['/t/AbC.dEf.GhI', null],
    ['/assets/watch-AbCdEf12.js', null],
    // Nobody is sent to another site, or to what was not meant.
    ['//evil.example/x', '/evil.example/x'],
    ['/\\evil.example', null],
    ['/%2F%2Fevil.example', null],
    ['/watch/%E4%B8%83', null],
    ['/watch/%zz', null],
    ['/watch/hall%207', null],
    ['http://Evil.example/watch', null],
    ['*', null],
    ['', null],
  ];
  for (const [url, want] of table) {
    it(`${url}: ${want ?? 'as it stands'}`, () => assert.equal(canonicalUrl(url), want));
  }

  it('is found in one step, lies on this site, and keeps the query', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      'watch',
      'Hall-7',
      'API',
      '%48',
      '%2f',
      '%',
      't',
      'A.b.C',
      '.',
      '\\',
      '?',
      'Q=1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const url = `/${pieces.join('')}`;
        const right = canonicalUrl(url);
        if (right === null) return;
        assert.equal(canonicalUrl(right), null);
        assert.match(right, /^\/(?![/\\])/);
        const query = url.indexOf('?') < 0 ? '' : url.slice(url.indexOf('?'));
        assert.ok(right.endsWith(query));
      }),
    );
  });
});
