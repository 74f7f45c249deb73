import assert from 'node:assert/strict';
import {
  waitsForPart,
  wholeSegmentRequest,
  wholeSegmentsAlone,
} from '../../../player/live/segment-reload.ts';

describe('requests that wait for a whole segment (RFC 8216bis §6.2.5.2)', () => {
  const cases = [
    { url: '/live/hall-7/360p.m3u8', want: '/live/hall-7/360p.m3u8' },
    {
      url: '/live/hall-7/360p.m3u8?_HLS_msn=9&_HLS_part=3',
      want: '/live/hall-7/360p.m3u8?_HLS_msn=9',
    },
    {
      url: 'http://a/360p.m3u8?token=t&_HLS_msn=9&_HLS_part=3&_HLS_skip=YES',
      want: 'http://a/360p.m3u8?token=t&_HLS_msn=9&_HLS_skip=YES',
    },
    { url: '/360p.m3u8?_HLS_part=3&_HLS_msn=9', want: '/360p.m3u8?_HLS_msn=9' },
    { url: '/360p.m3u8?_HLS_msn=9&_HLS_skip=YES', want: '/360p.m3u8?_HLS_msn=9&_HLS_skip=YES' },
    { url: '/360p.m3u8?_HLS_part=0', want: '/360p.m3u8' },
  ];
  for (const { url, want } of cases) {
    it(url, () => {
      assert.equal(wholeSegmentRequest(url), want);
      assert.equal(waitsForPart(url), url.includes('_HLS_part'));
      assert.equal(waitsForPart(want), false);
    });
  }
});

describe('a playlist of whole segments alone', () => {
  const HEAD = [
    '#EXTM3U',
    '#EXT-X-VERSION:10',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.6,HOLD-BACK=6',
  ];
  const LISTED = [
    '#EXT-X-MEDIA-SEQUENCE:7',
    '#EXT-X-DATERANGE:ID="call-1",START-DATE="2026-01-01T00:00:00.000Z"',
    '#EXT-X-MAP:URI="init-1.mp4"',
    '#EXTINF:1.6,',
    '7.m4s',
  ];
  const part = (uri: string) => `#EXT-X-PART:DURATION=0.2,URI="${uri}"`;
  const report = '#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=9,LAST-PART=1';
  const text = (lines: readonly string[]) => `${lines.join('\n')}\n`;
  const whole = ['#EXTINF:1.6,', '8.m4s'];
  const cases = [
    {
      name: 'leaves out parts, and all of the segment that is not whole',
      lines: [
        ...[...HEAD, '#EXT-X-PART-INF:PART-TARGET=0.2', ...LISTED, part('8.0.m4s'), ...whole],
        ...['#EXT-X-DISCONTINUITY', '#EXT-X-MAP:URI="init-2.mp4"', part('9.0.m4s')],
        ...['#EXT-X-PRELOAD-HINT:TYPE=PART,URI="9.1.m4s"', report],
      ],
      want: [...HEAD, ...LISTED, ...whole],
    },
    {
      name: 'keeps the end of the stream',
      lines: [...HEAD, '#EXT-X-PART-INF:PART-TARGET=0.2', ...LISTED, '#EXT-X-ENDLIST'],
      want: [...HEAD, ...LISTED, '#EXT-X-ENDLIST'],
    },
    {
      name: 'is the same without parts',
      lines: [...HEAD, ...LISTED, '#EXT-X-GAP'],
      want: [...HEAD, ...LISTED, '#EXT-X-GAP'],
    },
    {
      name: 'is a multivariant playlist as it was',
      lines: ['#EXTM3U', '#EXT-X-STREAM-INF:BANDWIDTH=400000', '360p.m3u8', '# the end'],
      want: ['#EXTM3U', '#EXT-X-STREAM-INF:BANDWIDTH=400000', '360p.m3u8', '# the end'],
    },
  ];
  for (const { name, lines, want } of cases) {
    it(name, () => assert.equal(wholeSegmentsAlone(text(lines)), text(want)));
  }
});
