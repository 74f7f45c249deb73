import assert from 'node:assert/strict';
import {
  type MultivariantInput,
  multivariantPlaylist,
} from '../../../../origin/packager/hls/multivariant.ts';
import { renderMultivariantPlaylist } from '../../../../origin/packager/hls/playlist/multivariant-playlist.ts';
import type { RenditionInfo } from '../../../../origin/packager/media.ts';
import { makeInfo } from './view-fixture.ts';

const render = (input: MultivariantInput, infos: readonly RenditionInfo[]): string =>
  renderMultivariantPlaylist(multivariantPlaylist(input, infos));

const small = { widthPx: 640, heightPx: 360, codec: 'avc1.64001e', peakBps: 600_000, averageBps: 500_000.5 };

describe('a multivariant playlist, to the letter', () => {
  const cases: {
    name: string;
    gridUnits?: number;
    language?: string;
    infos: RenditionInfo[];
    want: string[];
  }[] = [
    {
      name: 'two rungs and sound',
      infos: [makeInfo('720p'), makeInfo('360p', small), makeInfo('audio')],
      want: [
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",LANGUAGE="zh",NAME="中文",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=2600000,AVERAGE-BANDWIDTH=2096000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio",CLOSED-CAPTIONS=NONE',
        '720p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=700000,AVERAGE-BANDWIDTH=596001,CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,AUDIO="audio",CLOSED-CAPTIONS=NONE',
        '360p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=96000,CODECS="mp4a.40.2",AUDIO="audio",CLOSED-CAPTIONS=NONE',
        'audio.m3u8',
      ],
    },
    {
      name: 'captions in the pictures of one rung: all variants name them',
      infos: [
        makeInfo('720p', { captions: ['CC1', 'SERVICE2'] }),
        makeInfo('360p', small),
        makeInfo('audio'),
      ],
      want: [
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",LANGUAGE="zh",NAME="中文",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio.m3u8"',
        '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="captions",LANGUAGE="zh",NAME="中文 (CC1)",DEFAULT=NO,AUTOSELECT=YES,INSTREAM-ID="CC1"',
        '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="captions",NAME="SERVICE2",DEFAULT=NO,AUTOSELECT=NO,INSTREAM-ID="SERVICE2"',
        '#EXT-X-STREAM-INF:BANDWIDTH=2600000,AVERAGE-BANDWIDTH=2096000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio",CLOSED-CAPTIONS="captions"',
        '720p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=700000,AVERAGE-BANDWIDTH=596001,CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,AUDIO="audio",CLOSED-CAPTIONS="captions"',
        '360p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=96000,CODECS="mp4a.40.2",AUDIO="audio",CLOSED-CAPTIONS="captions"',
        'audio.m3u8',
      ],
    },
    {
      name: 'picture without sound, passed through at 29.97 frames a second',
      gridUnits: 2,
      infos: [makeInfo('source', { frameRate: 30_000 / 1001 })],
      want: [
        '#EXT-X-STREAM-INF:BANDWIDTH=2500000,AVERAGE-BANDWIDTH=2000000,CODECS="avc1.64001f",RESOLUTION=1280x720,FRAME-RATE=29.970,CLOSED-CAPTIONS=NONE',
        'source.m3u8',
      ],
    },
    {
      name: 'sound without picture, in a language that nobody named, before anything was measured',
      language: 'und',
      infos: [makeInfo('audio', { peakBps: 0, averageBps: 0 })],
      want: [
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",LANGUAGE="und",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="mp4a.40.2",AUDIO="audio",CLOSED-CAPTIONS=NONE',
        'audio.m3u8',
      ],
    },
  ];
  for (const { name, gridUnits = 1, language = 'zh', infos, want } of cases) {
    it(name, () => {
      const text = ['#EXTM3U', '#EXT-X-VERSION:9', ...want, ''].join('\n');
      assert.equal(render({ language, gridUnits }, infos), text);
    });
  }

  it('takes a language tag that no one knows', () => {
    assert.match(render({ language: 'qaa-Qaaa', gridUnits: 1 }, [makeInfo('audio')]), /NAME="[^"]+"/);
    assert.match(render({ language: 'x_"y', gridUnits: 1 }, [makeInfo('audio')]), /LANGUAGE="x_'y"/);
  });

  it('has no average above the peak, and leaves room for the loudest sound (§4.4.6.2)', () => {
    const infos = [
      makeInfo('720p', { peakBps: 1000, averageBps: 5000 }),
      makeInfo('audio', { peakBps: 100, averageBps: 0 }),
      makeInfo('audio', { id: 'audio-2', peakBps: 300, averageBps: 0 }),
    ];
    const [video] = multivariantPlaylist({ language: 'zh', gridUnits: 1 }, infos).variants;
    assert.deepEqual([video?.bandwidthBps, video?.averageBandwidthBps], [1300, 1300]);
  });
});
