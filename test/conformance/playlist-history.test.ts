import assert from 'node:assert/strict';
import { FIRST_NUMBER } from '../origin/packager/hls/view-fixture.ts';
import type { MediaProbe } from './delivery-rules.ts';
import { checkPlaylistHistory } from './playlist-history.ts';
import { LAST_NUMBER, simulateHistory } from './simulated-channel.ts';
import { type Exchange, summarize } from './violation.ts';

const PROFILES = [
  { profile: 'fast', partTargetMs: 200 },
  { profile: 'steady', partTargetMs: 400 },
  { profile: 'broad', partTargetMs: 800 },
];

describe('LL-HLS conformance over time', () => {
  for (const { profile, partTargetMs } of PROFILES) {
    it(`profile ${profile}: a class that begins, is interrupted and goes on breaks no MUST`, () => {
      const { playlists, media } = simulateHistory(partTargetMs);
      assert.equal(summarize(checkPlaylistHistory(playlists, media)), '');
    });
  }
});

const sound = simulateHistory(200);
const isVideo = ({ url }: Exchange): boolean => url.includes('/720p.m3u8');
const isFull = (exchange: Exchange): boolean =>
  isVideo(exchange) && !exchange.url.includes('_HLS_skip') && exchange.text !== '';
const last = LAST_NUMBER;

/** Changes the text of the answers that a filter picks. */
function inText(pattern: RegExp | string, to: string, pick: (exchange: Exchange) => boolean = isVideo) {
  return (history: readonly Exchange[]): Exchange[] =>
    history.map((exchange) =>
      pick(exchange) ? { ...exchange, text: exchange.text.replaceAll(pattern, to) } : exchange,
    );
}

/** Changes the last answer that a filter picks. */
function inLast(change: (exchange: Exchange) => Exchange, pick: (exchange: Exchange) => boolean = isFull) {
  return (history: readonly Exchange[]): Exchange[] => {
    const at = history.findLastIndex(pick);
    return history.map((exchange, index) => (index === at ? change(exchange) : exchange));
  };
}

const textOf =
  (pattern: RegExp | string, to: string) =>
  (exchange: Exchange): Exchange => ({
    ...exchange,
    text: exchange.text.replace(pattern, to),
  });

function differs(a: Exchange, b: Exchange | undefined): boolean {
  return (
    a.text !== b?.text ||
    a.status !== b.status ||
    a.url !== b.url ||
    a.headers !== b.headers ||
    a.sentMs !== b.sentMs
  );
}

/** Faults, each with the section that is to be named. Those that MediaMTX and others were found with are among them. */
const SEEDED: { name: string; section: string; seed: (history: readonly Exchange[]) => Exchange[] }[] = [
  { name: 'no EXTM3U first', section: '§4.4.1.1', seed: inLast(textOf('#EXTM3U\n', '')) },
  {
    name: 'a part longer than the part target',
    section: '§4.4.4.9',
    seed: inText(/DURATION=0\.2,(URI="[^"]*\.2\.m4s)/g, 'DURATION=0.214,$1'),
  },
  {
    name: 'a part shorter than 85 % amid a segment',
    section: '§4.4.4.9',
    seed: inText(/DURATION=0\.2,(URI="[^"]*\.2\.m4s)/g, 'DURATION=0.16,$1'),
  },
  {
    name: 'PART-HOLD-BACK of 2.5 part targets',
    section: '14.3',
    seed: inText('PART-HOLD-BACK=0.6', 'PART-HOLD-BACK=0.5', () => true),
  },
  {
    name: 'HOLD-BACK too short',
    section: '§4.4.3.8',
    seed: inText(',HOLD-BACK=6', ',HOLD-BACK=5', () => true),
  },
  {
    name: 'CAN-SKIP-UNTIL too short',
    section: '§4.4.3.8',
    seed: inText('CAN-SKIP-UNTIL=12', 'CAN-SKIP-UNTIL=11', () => true),
  },
  { name: 'no blocking reload', section: '§4.4.3.8', seed: inText('CAN-BLOCK-RELOAD=YES,', '', () => true) },
  {
    name: 'one rendition with another hold-back',
    section: '§6.2.4',
    seed: inText(',HOLD-BACK=6', ',HOLD-BACK=7'),
  },
  {
    name: 'a segment longer than the target duration',
    section: '§4.4.3.1',
    seed: inText(/EXTINF:1.6/g, 'EXTINF:2.6'),
  },
  {
    name: 'a target duration that changes',
    section: '§6.2.1',
    seed: inLast(textOf('TARGETDURATION:2', 'TARGETDURATION:3')),
  },
  {
    name: 'a part target that is computed live',
    section: '§6.2.1',
    seed: inLast(textOf('PART-TARGET=0.2', 'PART-TARGET=0.201')),
  },
  {
    name: 'dates on the last two segments only',
    section: '§6.2.4',
    seed: inText(/#EXT-X-PROGRAM-DATE-TIME:.*\n(?=#EXTINF)/g, ''),
  },
  {
    name: 'a date after the first part',
    section: '§4.4.4.9',
    seed: inText(/(#EXT-X-PROGRAM-DATE-TIME:.*\n)(#EXT-X-PART:.*\n)/g, '$2$1'),
  },
  { name: 'dates of one rendition an hour off', section: '§6.2.4', seed: inText(/T00:/g, 'T01:') },
  {
    name: 'dates that do not follow the durations',
    section: '§6.2.4',
    seed: inText(/:(\d\d)\.000Z\n/g, ':$1.120Z\n', () => true),
  },
  { name: 'no init segment', section: '§4.4.4.5', seed: inText(/#EXT-X-MAP.*\n/g, '') },
  {
    name: 'no init segment after a discontinuity',
    section: '§4.4.4.5',
    seed: inText(/(DISCONTINUITY\n)#EXT-X-MAP.*\n/g, '$1'),
  },
  {
    name: 'independent segments that are not',
    section: '§4.4.2.1',
    seed: inText(/(\.0\.m4s"),INDEPENDENT=YES/g, '$1'),
  },
  { name: 'parts of a gap without GAP=YES', section: '§4.4.4.9', seed: inText(',GAP=YES', '') },
  { name: 'no rendition reports', section: 'B.1', seed: inText(/#EXT-X-RENDITION-REPORT.*\n/g, '') },
  {
    name: 'LAST-PART counted from one',
    section: '§4.4.5.4',
    seed: inText(/("360p.m3u8".*LAST-PART=)7/g, '$18'),
  },
  {
    name: 'an absolute URI in a report',
    section: '§4.4.5.4',
    seed: inText('URI="audio.m3u8"', 'URI="/live/hall-7/audio.m3u8"'),
  },
  {
    name: 'a hint past the end of a segment',
    section: '§6.2.6',
    seed: inText(/(TYPE=PART,URI="[^"]*\/)\d+(\.)0(\.m4s)/g, `$1${FIRST_NUMBER}$28$3`),
  },
  {
    name: 'a hint for a part that is listed',
    section: '§6.2.6',
    seed: inText(/(TYPE=PART,URI="[^"]*\.)7(\.m4s)/g, '$16$2'),
  },
  { name: 'two hints', section: '§6.2.6', seed: inText(/(#EXT-X-PRELOAD-HINT.*\n)/g, '$1$1') },
  {
    name: 'a media sequence that goes back',
    section: '§6.2.2',
    seed: inLast(textOf(/MEDIA-SEQUENCE:\d+/, 'MEDIA-SEQUENCE:5')),
  },
  {
    name: 'a discontinuity that is not counted when it leaves',
    section: '§6.2.2',
    seed: inText(/DISCONTINUITY-SEQUENCE:[12]/g, 'DISCONTINUITY-SEQUENCE:0', () => true),
  },
  {
    name: 'a discontinuity in one rendition alone',
    section: '§6.2.4',
    seed: inText('#EXT-X-DISCONTINUITY\n', ''),
  },
  {
    name: 'a segment that changes after it was listed',
    section: '§6.2.1',
    seed: inLast(textOf(/#EXTINF:1\.6,(?=\n.*\n#EXT-X-PROGRAM)/, '#EXTINF:1.598,')),
  },
  {
    name: 'a date range that changes',
    section: '§4.4.5.1',
    seed: inLast(textOf('X-STATE="interrupted"', 'X-STATE="over"')),
  },
  {
    name: 'fewer than six segments',
    section: '8.11',
    seed: inText(/#EXT-X-MAP[^]*?(?=#EXT-X-PROGRAM-DATE-TIME.*\n#EXT-X-PART:)/g, '', isFull),
  },
  {
    name: '_HLS_msn alone answered at the first part',
    section: '§6.2.5.2',
    seed: inLast(
      (exchange) => ({ ...exchange, url: `/live/hall-7/720p.m3u8?_HLS_msn=${last}` }),
      (exchange) => exchange.url.endsWith(`_HLS_msn=${last}&_HLS_part=0`) && isVideo(exchange),
    ),
  },
  {
    name: 'an old _HLS_msn refused',
    section: '§6.2.5.2',
    seed: inLast(
      (exchange) => ({ ...exchange, status: 400, text: '' }),
      ({ url }) => url.endsWith(`_HLS_msn=${LAST_NUMBER - 100}`),
    ),
  },
  {
    name: '_HLS_part alone taken',
    section: '§6.2.5.2',
    seed: inLast(
      (exchange) => ({ ...exchange, status: 200 }),
      ({ url }) => url.endsWith('?_HLS_part=3'),
    ),
  },
  {
    name: 'a directive that is no number taken',
    section: '§6.2.5.2',
    seed: inLast(
      (exchange) => ({ ...exchange, status: 200 }),
      ({ url }) => url.endsWith('_HLS_msn=x'),
    ),
  },
  {
    name: '_HLS_msn > last + 2 taken',
    section: '§6.2.5.2',
    seed: inLast(
      (exchange) => ({ ...exchange, status: 404 }),
      ({ url }) => url.endsWith(`_HLS_msn=${LAST_NUMBER + 5}`),
    ),
  },
  {
    name: 'a request held for eight seconds',
    section: '§6.2.5.2',
    seed: inLast((exchange) => ({ ...exchange, sentMs: exchange.atMs - 8000 })),
  },
  {
    name: 'a delta update that nobody asked for',
    section: '§6.2.5.2',
    seed: inLast(
      (exchange) => ({ ...exchange, url: exchange.url.replace('&_HLS_skip=YES', '') }),
      (exchange) => exchange.url.includes('_HLS_skip') && isVideo(exchange),
    ),
  },
  {
    name: 'a delta update that counts wrongly',
    section: '§6.2.5.1',
    seed: inText(/SKIPPED-SEGMENTS=(\d)/g, 'SKIPPED-SEGMENTS=1$1'),
  },
  {
    name: 'a delta update that drops a date range',
    section: '§6.2.5.1',
    seed: inText(
      /#EXT-X-DATERANGE.*\n/g,
      '',
      (exchange) => isVideo(exchange) && exchange.url.includes('_HLS_skip'),
    ),
  },
  {
    name: 'a delta update that skips too much',
    section: '§6.2.5.1',
    seed: inText(/(#EXT-X-SKIP.*\n)#EXT-X-PROGRAM.*\n.*\n.*\n/g, '$1', (exchange) =>
      exchange.url.includes('_HLS_skip'),
    ),
  },
  { name: 'a redirect', section: '8.18', seed: inLast((exchange) => ({ ...exchange, status: 302 })) },
  {
    name: 'no gzip',
    section: '10.1',
    seed: inLast((exchange) => ({
      ...exchange,
      headers: { ...exchange.headers, 'content-encoding': 'identity' },
    })),
  },
  {
    name: 'a cookie',
    section: '§6.2.1',
    seed: inLast((exchange) => ({ ...exchange, headers: { ...exchange.headers, 'set-cookie': 'a=b' } })),
  },
  {
    name: 'another content type',
    section: '§4',
    seed: inLast((exchange) => ({
      ...exchange,
      headers: { ...exchange.headers, 'content-type': 'text/plain' },
    })),
  },
  {
    name: 'sound without its language',
    section: '9.x',
    seed: inText(/LANGUAGE="zh",/g, '', ({ url }) => url.endsWith('index.m3u8')),
  },
  {
    name: 'a variant without its codecs',
    section: '9.x',
    seed: inText(/,CODECS="[^"]*"/g, '', ({ url }) => url.endsWith('index.m3u8')),
  },
  {
    name: 'a variant without its frame rate',
    section: '9.x',
    seed: inText(/,FRAME-RATE=[\d.]*/g, '', ({ url }) => url.endsWith('index.m3u8')),
  },
];

describe('the LL-HLS checker catches', () => {
  for (const { name, section, seed } of SEEDED) {
    it(`${name} (${section})`, () => {
      const changed = seed(sound.playlists);
      assert.ok(
        changed.some((exchange, index) => differs(exchange, sound.playlists[index])),
        'the seed changed nothing',
      );
      const found = checkPlaylistHistory(changed, sound.media);
      assert.ok(
        found.some((violation) => violation.section.endsWith(section)),
        `not found; these were:\n${summarize(found)}`,
      );
    });
  }

  const probes: { name: string; section: string; probe: Partial<MediaProbe> & { readonly url: string } }[] = [
    {
      name: 'a listed part that is not there',
      section: '§6.2.1',
      probe: {
        url: `/media/hall-7/720p/${FIRST_NUMBER + 5}.1.m4s`,
        atMs: (FIRST_NUMBER + 6) * 1600 + 900,
        status: 404,
      },
    },
    {
      name: 'a part that is gone 0.7 s after it left the playlist',
      section: '§6.2.2',
      probe: {
        url: `/media/hall-7/720p/${FIRST_NUMBER + 5}.1.m4s`,
        atMs: (FIRST_NUMBER + 10) * 1600,
        status: 404,
      },
    },
    {
      name: 'a segment that is gone before a playlist has passed',
      section: '§6.2.2',
      probe: {
        url: `/media/hall-7/720p/${FIRST_NUMBER + 5}.m4s`,
        atMs: (FIRST_NUMBER + 20) * 1600,
        status: 404,
      },
    },
    {
      name: 'sound whose date is not its media time',
      section: '§6.2.4',
      probe: {
        url: `/media/hall-7/audio/${FIRST_NUMBER + 5}.m4s`,
        atMs: (FIRST_NUMBER + 8) * 1600,
        mediaTimeMs: (FIRST_NUMBER + 5) * 1600 + 414,
      },
    },
  ];
  for (const { name, section, probe } of probes) {
    it(`${name} (${section})`, () => {
      const found = checkPlaylistHistory(sound.playlists, [
        ...sound.media,
        { atMs: 0, status: 200, headers: {}, ...probe },
      ]);
      assert.equal(found.length, 1, summarize(found));
      assert.ok(found[0]?.section.endsWith(section));
    });
  }

  it('nothing in a part that is gone after three target durations', () => {
    const probe = {
      url: `/media/hall-7/720p/${FIRST_NUMBER + 5}.1.m4s`,
      atMs: (FIRST_NUMBER + 14) * 1600,
      status: 404,
      headers: {},
    };
    assert.deepEqual(checkPlaylistHistory(sound.playlists, [probe]), []);
  });
});
