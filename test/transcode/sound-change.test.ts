import assert from 'node:assert/strict';
import { parseConfig } from '../../config/load.ts';
import { systemClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/logger.ts';
import { TranscodeSession } from '../../transcode/transcode-session.ts';
import type { FlvTag } from '../../media/flv/flv-tag.ts';
import type { TranscodeError } from '../../transcode/transcode-error.ts';
import { FFMPEG, sampleTags, tone } from './support/sample-flv.ts';
import { jobFor } from './support/worker.ts';

/** Lets what is due run once. */
const turn = (): Promise<void> => new Promise((resume) => setImmediate(resume));

const SOUND = { codec: 'aac', sampleRateHz: 44_100, channels: 2 };

describe('sound that changes in the middle of a broadcast', () => {
  let broadcast: TranscodeSession | null = null;
  afterEach(async () => {
    await broadcast?.stop();
  });

  /** Opens a broadcast of sound alone; `until` resolves when what came out reaches a source time, milliseconds. */
  async function open(): Promise<{
    /** Resolves when ffmpeg has been restarted so often and runs. */
    restarted(times: number): Promise<void>;
    push(tags: readonly FlvTag[], fromMs: number): void;
    until(sourceMs: number): Promise<void>;
  }> {
    const epochOffsetMs = 1_760_000_000_000;
    let endMs = 0;
    let wake = (): void => {};
    let restarts = 0;
    let failure: TranscodeError | null = null;
    const [channel] = parseConfig(
      'channels: [{ id: hall-7, title: t, publishKey: never-logged }]',
      {},
      'test',
    ).channels;
    assert.ok(channel !== undefined);
    const opened = await TranscodeSession.open({
      job: { ...jobFor('http://127.0.0.1:1/'), epochOffsetMs, video: null, audio: SOUND },
      ...{ ladder: channel.ladder, program: FFMPEG },
      ...{ clock: systemClock, logger: silentLogger },
      push: (trackId, chunk) => {
        if (trackId === 'audio') endMs = chunk.startMs + chunk.durationMs - epochOffsetMs;
        wake();
      },
      placeholder: async () => [],
      onRestart: () => void restarts++,
      onJump: () => {},
      onTrackAway: () => {},
      onPlan: () => {},
      onGaveUp: (error) => {
        failure = error;
        wake();
      },
    });
    broadcast = opened;
    return {
      restarted: async (times) => {
        while (restarts < times || opened.pids.length === 0) await turn();
        assert.equal(restarts, times);
      },
      push: (tags, fromMs) => {
        for (const tag of tags) opened.push({ ...tag, timestampMs: tag.timestampMs + fromMs });
      },
      until: async (sourceMs) => {
        while (endMs < sourceMs) {
          if (failure !== null) throw failure;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    };
  }

  it('is decoded by another decoder where its codec changes, with the configuration that came in front', async () => {
    const sound = await open();
    const mp3 = { ...tone(44_100, 4), codec: ['-c:a', 'libmp3lame', '-ar', '44100'] };
    sound.push(await sampleTags(mp3), 0);
    await sound.until(3500);
    const [config, first, ...rest] = await sampleTags(tone(22_050, 8));
    assert.ok(config !== undefined && first !== undefined);
    sound.push([config, first], 4000);
    await sound.restarted(1);
    sound.push(rest, 4000);
    await sound.until(11_500);
  });

  for (const rateHz of [22_050, 48_000]) {
    it(`is decoded with its new configuration: 44.1 kHz, then ${rateHz / 1000} kHz`, async () => {
      const sound = await open();
      sound.push(await sampleTags(tone(44_100, 4)), 0);
      await sound.until(3500);
      const [config, first, ...rest] = await sampleTags(tone(rateHz, 8));
      assert.ok(config !== undefined && first !== undefined);
      sound.push([config, first], 4000);
      await sound.restarted(1);
      sound.push(rest, 4000);
      await sound.until(11_500);
    });
  }
});
