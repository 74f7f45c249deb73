import assert from 'node:assert/strict';
import { DEMO_CHANNEL, demoConfigYaml } from '../../cli/demo-config.ts';
import { lectureArguments } from '../../cli/demo-lecture.ts';
import { findFont, startDemoPublisher } from '../../cli/demo-publisher.ts';
import { announcement } from '../../cli/demo.ts';
import { runState } from '../../cli/on-air.ts';
import { parseConfig } from '../../config/load.ts';
import { channelsWithShortKeys } from '../../config/short-keys.ts';
import { silentLogger } from '../../shared/logger.ts';
import { start } from '../support/process.ts';
import { startTestPipeline } from '../support/pipeline.ts';
import { waitFor } from '../support/wait-for.ts';

const FFMPEG = process.env['FFMPEG_PATH'] || 'ffmpeg';

describe('the demo', () => {
  it('has a configuration that is taken, with the channels and keys of the README', () => {
    const { channels } = parseConfig(demoConfigYaml(), {});
    assert.deepEqual(
      channels.map(({ id, publishKey }) => [id, publishKey]),
      [
        [DEMO_CHANNEL, 'demo-stream-key'],
        ['hall-7', 'hall-7-stream-key'],
      ],
    );
    assert.deepEqual(channelsWithShortKeys(channels), []);
  });

  it('listens for this machine alone, unless it is asked for more', () => {
    for (const [yaml, want] of [
      [demoConfigYaml(), '127.0.0.1'],
      [demoConfigYaml('0.0.0.0'), '0.0.0.0'],
    ] as const) {
      const { http, rtmp } = parseConfig(yaml, {});
      assert.deepEqual([http.host, rtmp.host], [want, want]);
    }
  });

  const lectures = [
    { name: 'slides, where there is a font', font: () => findFont(FFMPEG) },
    { name: 'a test picture, where there is none', font: async () => null },
  ];
  for (const { name, font } of lectures) {
    it(`draws ${name}, with sound`, async () => {
      // The lecture as it is, but one second of it, as fast as it goes, to nowhere.
      const [url, ...rest] = lectureArguments('rtmp://nowhere/live/demo', await font()).toReversed();
      assert.equal(url, 'rtmp://nowhere/live/demo');
      const args = rest.toReversed().filter((part) => part !== '-re');
      args.splice(args.lastIndexOf('-f'), 0, '-t', '1');
      args[args.indexOf('-loglevel') + 1] = 'info';
      const ffmpeg = start(FFMPEG, [...args, '-y', '/dev/null']);
      assert.equal(await ffmpeg.exited(30_000), 0, ffmpeg.stderr());
      assert.match(ffmpeg.stderr(), /Video: h264.*1280x720.*25 fps/);
      assert.match(ffmpeg.stderr(), /Audio: aac.*48000 Hz/);
    }).timeout(40_000);
  }

  it('prints addresses that open the pages, with a token where one is asked for', () => {
    const { channels } = parseConfig(demoConfigYaml(), {});
    const given = { url: 'http://127.0.0.1:80', rtmpUrl: 'rtmp://127.0.0.1/live', channel: DEMO_CHANNEL };
    const open = announcement({ ...given, config: { channels }, token: null, teacherToken: 't.e.a' });
    assert.match(open, /http:\/\/localhost:80\/watch\/demo\n/);
    const closed = announcement({ ...given, config: { channels }, token: 'a.b.c', teacherToken: 't.e.a' });
    for (const path of ['/watch/demo', '/', '/watch/hall-7'])
      assert.ok(closed.includes(`http://localhost:80${path}#token=a.b.c\n`), path);
  });

  it('puts the teacher on air again when her ffmpeg dies', async () => {
    const pipeline = await startTestPipeline({ yaml: demoConfigYaml() });
    const publisher = startDemoPublisher({
      ffmpegPath: FFMPEG,
      rtmpUrl: pipeline.publishUrl(DEMO_CHANNEL),
      fontFile: null,
      logger: silentLogger,
    });
    try {
      await pipeline.waitForState(DEMO_CHANNEL, 'on-air');
      const first = publisher.pid();
      assert.ok(first !== null);
      process.kill(first, 'SIGKILL');
      await waitFor('another ffmpeg', () => publisher.pid() !== first && publisher.pid() !== null);
      await pipeline.waitForState(DEMO_CHANNEL, 'on-air');
    } finally {
      await publisher.stop();
      await pipeline.stop();
    }
    assert.equal(publisher.pid(), null);
  }).timeout(60_000);
});

describe('what is on air', () => {
  const range = (state: string, more = ''): string =>
    `#EXT-X-DATERANGE:ID="1-live",CLASS="org.lectern.run",START-DATE="2026-01-01T00:00:00.000Z"${more},X-STATE="${state}"\n`;
  const ended = ',END-DATE="2026-01-01T00:00:01.600Z"';
  const table = [
    { name: 'the run that has no end', input: range('before', ended) + range('on-air'), want: 'on-air' },
    { name: 'a run alone', input: range('before'), want: 'before' },
    {
      ...{ name: 'the run, whatever is asked', want: 'on-air' },
      input: `${range('on-air')}#EXT-X-DATERANGE:ID="call-k1",CLASS="org.lectern.roll-call"\n`,
    },
    { name: 'nothing while all have ended', input: range('on-air', ended), want: 'a playlist without a run' },
    { name: 'nothing in an empty playlist', input: '#EXTM3U\n', want: 'a playlist without a run' },
  ];
  for (const { name, input, want } of table) {
    it(`is ${name}`, () => assert.equal(runState(input), want));
  }
});
