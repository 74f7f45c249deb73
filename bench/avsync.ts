import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { makeTempDir } from '../test/support/temp-dir.ts';
import { type Bench, type BenchResult, type Row, rowAtMost } from './bench.ts';
import type { Summary } from './measure/statistics.ts';
import { startWallClock } from './publish/wall-clock.ts';
import { beepTimes, flashTimes, skewMs } from './served/beep-and-flash.ts';
import { decodePictures, decodeSound } from './served/decode.ts';
import { fetchRenditions } from './served/renditions.ts';
import { recordRendition } from './served/recording.ts';
import { startLectern } from './start/lectern-process.ts';
import { NO_MEDIAMTX, startMediaMtx } from './start/mediamtx.ts';

const SIZE = { widthPx: 32, heightPx: 18 };
const YAML = 'channels:\n  - {id: hall-7, title: Hall 7, publishKey: hall-7-stream-key}\n';
const MARK_MS = 40;

/** Sound against picture as served, less what the publisher itself is off. */
export const avsync: Bench = {
  name: 'avsync',
  title: 'sound against picture, as served, beep against flash',
  needs: ['ffmpeg'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const seconds = options.seconds ?? 30;
    const notes: string[] = [];
    const lectern = await startLectern(YAML);
    let ours: Measured;
    try {
      ours = await measure(
        lectern.publishUrl('hall-7', 'hall-7-stream-key'),
        `${lectern.url}/live/hall-7/index.m3u8`,
        seconds,
        () => lectern.waitForState('hall-7', 'on-air'),
      );
    } finally {
      await lectern.stop();
    }
    say(describe('Lectern', ours));
    const mediamtx = await startMediaMtx();
    let theirs: Measured | null = null;
    if (mediamtx === null) notes.push(NO_MEDIAMTX);
    else {
      try {
        theirs = await measure(mediamtx.rtmpUrl, `${mediamtx.pageUrl}/index.m3u8`, seconds, () =>
          mediamtx.waitUntilLive(),
        );
        say(describe('MediaMTX', theirs));
      } catch (error) {
        notes.push(`MediaMTX could not be measured: ${String(error)}`);
      } finally {
        await mediamtx.stop();
      }
    }
    const peer = theirs === null ? '' : 'MediaMTX';
    const rows: Row[] = [
      rowAtMost(
        'off the publisher, worst of all beeps',
        'ms',
        worst(ours),
        MARK_MS,
        peer,
        theirs === null ? null : worst(theirs),
      ),
      rowAtMost('off the publisher, median', 'ms', ours.offMs.p50, null, peer, theirs?.offMs.p50 ?? null),
      rowAtMost("the publisher's own", 'ms', ours.ownMs.p50, null, peer, theirs?.ownMs.p50 ?? null),
    ];
    notes.push(`${ours.offMs.count} beeps; positive: sound later than picture`);
    return { rows, notes, detail: { ours, theirs } };
  },
};

type Measured = {
  /** The publisher's skew: its own recording. */
  readonly ownMs: Summary;
  readonly servedMs: Summary;
  /** Served less the publisher's median. */
  readonly offMs: {
    readonly count: number;
    readonly min: number;
    readonly p50: number;
    readonly max: number;
  };
};

async function measure(
  url: string,
  playlist: string,
  seconds: number,
  live: () => Promise<void>,
): Promise<Measured> {
  const dir = makeTempDir();
  const recordTo = join(dir.path, 'sent.flv');
  const publisher = await startWallClock({
    url,
    fps: 25,
    widthPx: 1280,
    heightPx: 720,
    flash: true,
    recordTo,
  });
  try {
    await live();
    // What comes first may still be of the time before the class.
    await after(4000);
    const { video, audio } = await fetchRenditions(playlist);
    const [picture, sound] = await Promise.all([
      recordRendition(video, seconds),
      audio === null ? null : recordRendition(audio, seconds),
    ]);
    await publisher.stop();
    const served = await skewOf(picture.bytes, sound?.bytes ?? picture.bytes);
    const own = await skewOf(recordTo, recordTo);
    const { count, min, p50, max } = served;
    return {
      ownMs: own,
      servedMs: served,
      offMs: { count, min: min - own.p50, p50: p50 - own.p50, max: max - own.p50 },
    };
  } finally {
    await publisher.stop();
    dir.remove();
  }
}

async function skewOf(picture: string | Buffer, sound: string | Buffer): Promise<Summary> {
  // The bars are left out: they are never white from end to end.
  const pictures = await decodePictures(picture, SIZE, 'crop=iw:ih*0.8:0:ih*0.2');
  return skewMs(flashTimes(pictures), beepTimes(await decodeSound(sound)));
}

function worst({ offMs }: Measured): number {
  return Math.max(Math.abs(offMs.min), Math.abs(offMs.max));
}

function describe(name: string, { ownMs, servedMs, offMs }: Measured): string {
  return `${name}: served ${servedMs.p50.toFixed(1)} ms, publisher ${ownMs.p50.toFixed(1)} ms, off ${offMs.min.toFixed(1)} to ${offMs.max.toFixed(1)} ms over ${offMs.count} beeps`;
}
