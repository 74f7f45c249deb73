import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { start } from '../../test/support/process.ts';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { isOnPath } from '../report/machine.ts';
import { inOwnSession, pinned } from './cores.ts';

/** A MediaMTX that takes RTMP and gives LL-HLS. */
export type MediaMtx = {
  readonly pid: number;
  readonly rtmpPort: number;
  readonly rtmpUrl: string;
  /** Its own page, without a slash at the end; the playlist is `/index.m3u8` below it. */
  readonly pageUrl: string;
  /** Waits until its playlist is there. */
  waitUntilLive(): Promise<void>;
  stop(): Promise<void>;
};

/** What is said where there is none. */
export const NO_MEDIAMTX = 'MediaMTX is not on the PATH: it is left out';

/**
 * Starts MediaMTX with low-latency HLS and parts of the length given.
 *
 * @param paths gives the lines of the configuration for its paths, from the RTMP port
 * @returns null where no `mediamtx` is on the PATH
 */
export async function startMediaMtx(
  partMs = 200,
  core: number | null = null,
  paths: (rtmpPort: number) => readonly string[] = () => ['paths:', '  all_others:'],
): Promise<MediaMtx | null> {
  if (!isOnPath('mediamtx')) return null;
  const dir = makeTempDir();
  const [rtmpPort, hlsPort] = [await freePort(), await freePort()];
  const file = join(dir.path, 'mediamtx.yml');
  const off = ['rtsp', 'webrtc', 'srt', 'api', 'metrics', 'pprof', 'playback', 'moq'];
  // A name that this version does not know would be refused.
  const attempt = async (names: readonly string[]): Promise<MediaMtx> => {
    writeFileSync(
      file,
      [
        ...names.map((name) => `${name}: false`),
        ...[
          'rtmp: true',
          `rtmpAddress: 127.0.0.1:${rtmpPort}`,
          'hls: true',
          `hlsAddress: 127.0.0.1:${hlsPort}`,
        ],
        ...[
          'hlsVariant: lowLatency',
          `hlsPartDuration: ${partMs}ms`,
          'hlsSegmentDuration: 1s',
          'hlsAlwaysRemux: true',
        ],
        ...[...paths(rtmpPort), ''],
      ].join('\n'),
    );
    const [command = '', ...args] = pinned(core, [...inOwnSession(), 'mediamtx', file]);
    const program = start(command, args);
    try {
      await program.waitForOutput(/\[HLS\] listener opened|\[HLS\].*opened|started/i, 10_000);
    } catch (error) {
      await program.stop();
      throw error;
    }
    const pageUrl = `http://127.0.0.1:${hlsPort}/live/hall-7`;
    return {
      pid: program.child.pid ?? -1,
      rtmpPort,
      rtmpUrl: `rtmp://127.0.0.1:${rtmpPort}/live/hall-7`,
      pageUrl,
      waitUntilLive: async () => {
        await waitFor(
          'MediaMTX has a playlist',
          async () => (await fetch(`${pageUrl}/index.m3u8`)).ok,
          60_000,
        );
      },
      stop: async () => {
        await program.stop();
        dir.remove();
      },
    };
  };
  return attempt(off).catch(() => attempt(off.slice(0, 3)));
}
