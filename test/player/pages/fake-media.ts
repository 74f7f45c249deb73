import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A recording that a test serves: segments of 1.6 s, as the origin makes them. */
export type FakeMedia = {
  /** File names and durations in seconds, in order. */
  readonly segments: readonly { readonly name: string; readonly durationS: number }[];
  /** Bytes of a file; null for what is none. */
  read(name: string): Buffer | null;
};

const SEGMENT_S = 1.6;
const SEGMENTS = 60;

/** Has ffmpeg make a small recording of 96 s in a folder. */
export function makeFakeMedia(folder: string): FakeMedia {
  const lastsS = SEGMENT_S * SEGMENTS;
  execFileSync(process.env['FFMPEG_PATH'] || 'ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=10:duration=${lastsS}`],
    ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${lastsS}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '16', '-sc_threshold', '0'],
    ...['-c:a', 'aac', '-b:a', '48k', '-f', 'hls', '-hls_time', String(SEGMENT_S), '-hls_list_size', '0'],
    ...['-hls_segment_type', 'fmp4', '-hls_segment_filename', join(folder, 'seg-%d.m4s')],
    join(folder, 'media.m3u8'),
  ]);
  const text = readFileSync(join(folder, 'media.m3u8'), 'utf8');
  const segments = [...text.matchAll(/#EXTINF:([\d.]+),\n(seg-\d+\.m4s)/g)].map(
    ([, duration, name = '']) => ({
      name,
      durationS: Number(duration),
    }),
  );
  return {
    segments,
    read: (name) => (/^(init\.mp4|seg-\d+\.m4s)$/.test(name) ? readFileSync(join(folder, name)) : null),
  };
}

/** A multivariant playlist with one rendition at `media.m3u8`. */
export function multivariant(query: string): string {
  return `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=200000,RESOLUTION=160x90,CODECS="avc1.42c00b,mp4a.40.2"\nmedia.m3u8${query}\n`;
}

/**
 * The playlist of a recording.
 *
 * @param options.startMs when it began, UTC milliseconds
 * @param options.untilMs what has closed by then is listed, and more will be; null for all of it, with an end
 * @param options.overMs when the class ended, UTC milliseconds; null while it goes on
 */
export function mediaPlaylist(
  media: FakeMedia,
  options: { readonly startMs: number; readonly untilMs: number | null; readonly overMs: number | null },
): string {
  const { startMs, untilMs, overMs } = options;
  const isLive = untilMs !== null;
  let text = `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:${isLive ? 'EVENT' : 'VOD'}\n`;
  text += '#EXT-X-MEDIA-SEQUENCE:0\n';
  if (overMs !== null) {
    const from = new Date(overMs).toISOString();
    text += `#EXT-X-DATERANGE:ID="over",CLASS="org.lectern.run",START-DATE="${from}",X-STATE="over"\n`;
  }
  text += '#EXT-X-MAP:URI="/fake/init.mp4"\n';
  let atMs = startMs;
  for (const { name, durationS } of media.segments) {
    if (untilMs !== null && atMs + durationS * 1000 > untilMs) break;
    text += `#EXT-X-PROGRAM-DATE-TIME:${new Date(atMs).toISOString()}\n#EXTINF:${durationS},\n/fake/${name}\n`;
    atMs += durationS * 1000;
  }
  return isLive ? text : `${text}#EXT-X-ENDLIST\n`;
}
