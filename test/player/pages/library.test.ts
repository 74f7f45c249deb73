import assert from 'node:assert/strict';
import { parseBroadcast, parseBroadcastPage } from '../../../player/channel/broadcast-info.ts';
import {
  EVERYTHING,
  type LibraryQuery,
  addressOfQuery,
  isNarrowed,
  queryOfAddress,
  questionOf,
  withChosen,
} from '../../../player/pages/library/library-query.ts';
import { appended, replaced, without } from '../../../player/pages/library/broadcast-list.ts';
import { fakeBroadcast } from './fake-library.ts';

const broadcastOf = (id: string, change = {}) => {
  const parsed = parseBroadcast(fakeBroadcast({ id, ...change }));
  assert.ok(parsed !== null);
  return parsed;
};

describe('a broadcast of the API', () => {
  it('is read as it is', () => {
    const gaps = [{ startMs: 5, endMs: 9 }];
    const parsed = broadcastOf('x', {
      startMs: 1,
      endMs: 96_001,
      gaps,
      grade: 7,
      teacher: ' Ms Li ',
      keep: true,
    });
    assert.deepEqual(parsed, {
      ...{ id: 'x', channel: 'maths', title: 'Lesson x', grade: 7, subject: null, teacher: 'Ms Li' },
      ...{
        language: 'en',
        startMs: 1,
        endMs: 96_001,
        gaps,
        marks: [],
        trimStartMs: null,
        trimEndMs: null,
        keep: true,
      },
      durationMs: 96_000,
      replay: '/replay/maths/1-96001/index.m3u8',
      poster: '/api/channels/maths/broadcasts/x/poster.jpg',
      storyboard: '/api/channels/maths/broadcasts/x/storyboard.vtt',
      download: '/api/channels/maths/broadcasts/x/video.mp4',
    });
  });

  const none: { name: string; change: Record<string, unknown> }[] = [
    { name: 'no id', change: { id: undefined } },
    { name: 'an id that could be a path', change: { id: '../x' } },
    { name: 'no channel', change: { channel: 5 } },
    { name: 'no beginning', change: { startMs: null } },
    { name: 'a beginning that is none', change: { startMs: '1' } },
    { name: 'an end that is none', change: { endMs: 'soon' } },
    { name: 'an end that is left out', change: { endMs: undefined } },
  ];
  for (const { name, change } of none) {
    it(`${name}: is none`, () =>
      assert.equal(parseBroadcast({ ...fakeBroadcast({ id: 'x' }), ...change }), null));
  }

  const addresses: { name: string; field: string; value: unknown }[] = [
    { name: 'another host', field: 'replay', value: 'https://example.com/replay/a/1-2/index.m3u8' },
    { name: 'another host, without scheme', field: 'replay', value: '//example.com/replay/a/1-2/index.m3u8' },
    { name: 'another path', field: 'replay', value: '/replay/a/1-2/../../x' },
    { name: 'a script', field: 'download', value: 'javascript:alert(1)' },
    { name: 'a quote', field: 'poster', value: '/api/channels/a/broadcasts/b/p".jpg' },
    { name: 'no text', field: 'storyboard', value: 5 },
  ];
  for (const { name, field, value } of addresses) {
    it(`has no ${field} that is ${name}`, () => {
      const parsed: Record<string, unknown> = {
        ...parseBroadcast({ ...fakeBroadcast({ id: 'x' }), [field]: value }),
      };
      assert.equal(parsed[field], null);
    });
  }

  it('that cannot be read does not empty the page; what is no page is none', () => {
    const page = parseBroadcastPage({
      broadcasts: [null, fakeBroadcast({ id: 'x' }), { id: 'y' }],
      next: 'a.b.c',
      facets: { subjects: ['Maths', 5, ''], teachers: 'x', grades: [9, 7, 99] },
    });
    assert.deepEqual(
      page?.broadcasts.map(({ id }) => id),
      ['x'],
    );
    assert.equal(page?.next, 'a.b.c');
    assert.deepEqual(page?.facets, { subjects: ['Maths'], teachers: [], grades: [7, 9] });
    for (const value of [null, [], {}, { broadcasts: 5 }]) assert.equal(parseBroadcastPage(value), null);
    assert.equal(parseBroadcastPage({ broadcasts: [], next: '<x>' })?.next, null);
    assert.equal(parseBroadcastPage({ broadcasts: [] })?.facets, null);
  });
});

describe('what is looked for in the library', () => {
  const all: LibraryQuery = {
    words: 'angles & lines',
    grade: 7,
    subject: '数学',
    teacher: 'Ms Li',
    channel: 'hall-7',
    from: '2026-03-01',
    to: '2026-03-02',
  };

  it('stands in the address, and is read from it', () => {
    for (const query of [EVERYTHING, all, { ...EVERYTHING, grade: 12 }, { ...EVERYTHING, words: '%+#' }]) {
      assert.deepEqual(queryOfAddress(addressOfQuery(query)), query);
    }
    assert.equal(addressOfQuery(EVERYTHING), '');
    assert.equal(isNarrowed(EVERYTHING), false);
    assert.equal(isNarrowed(all), true);
  });

  const nonsense = [
    '?grade=13',
    '?grade=7.5',
    '?grade=x',
    '?channel=../x',
    '?from=2026-02-31',
    '?from=yesterday',
    '?to=20260301',
    '?q=%20',
    '?subject=',
  ];
  for (const search of nonsense) {
    it(`${search} narrows nothing`, () => assert.deepEqual(queryOfAddress(search), EVERYTHING));
  }

  it('asks the API in its own words: days are whole, by the clock here', () => {
    const asked = new URLSearchParams(questionOf(all, null, 48));
    assert.equal(asked.get('q'), 'angles & lines');
    assert.equal(asked.get('grade'), '7');
    assert.equal(asked.get('from'), String(new Date(2026, 2, 1).getTime()));
    assert.equal(asked.get('to'), String(new Date(2026, 2, 3).getTime()));
    assert.equal(asked.get('limit'), '48');
    assert.equal(asked.has('facets'), false);
  });

  it('asks on where the last page ended, without the choices', () => {
    assert.equal(questionOf(EVERYTHING, '5.a.b', 48), 'limit=48&after=5.a.b&facets=no');
  });

  it('is among the choices even where nothing fits it', () => {
    assert.deepEqual(withChosen(['a'], 'b'), ['b', 'a']);
    assert.deepEqual(withChosen(['a'], 'a'), ['a']);
    assert.deepEqual(withChosen(['a'], null), ['a']);
  });
});

describe('the broadcasts', () => {
  const [a, b, c] = [broadcastOf('a'), broadcastOf('b'), broadcastOf('c')];
  it('has nothing twice, though pages moved meanwhile', () => {
    assert.deepEqual(appended([a, b], [b, c]), [a, b, c]);
  });
  it('knows a broadcast by its channel as well', () => {
    const other = broadcastOf('a', { channel: 'physics' });
    assert.deepEqual(appended([a], [other]), [a, other]);
  });
  it('follows changes', () => {
    const changed = { ...b, title: 'new' };
    assert.deepEqual(replaced([a, b], changed), [a, changed]);
    assert.deepEqual(without([a, b], b), [a]);
  });
});
