import type { StoredSegment } from '../packager/recording/stored-segment.ts';

/** An object in the spool, by what its path says. */
export type Spooled =
  | { readonly kind: 'segment'; readonly channel: string; readonly segment: StoredSegment }
  | { readonly kind: 'init'; readonly channel: string; readonly rendition: string; readonly hash: string };

const SEGMENT = /^(\d{1,15})-(\d{1,16})-(\d{1,10})-(\d{1,7})-(\d{1,6})-(\d{1,10})\.m4s$/;
const INIT_FILE = 'init.mp4';
const NAME = /^[a-z0-9-]{1,64}$/;
const HASH = /^[0-9a-f]{12}$/;

/**
 * Path of a spooled object below the spool's folder: `{channel}/{rendition}/{init hash}/{file}`. The name of a segment's file
 * has all fields of its index line: number, start and duration in ticks, timescale, frames, size in bytes.
 */
export function spoolPath(spooled: Spooled): readonly string[] {
  if (spooled.kind === 'init') return [spooled.channel, spooled.rendition, spooled.hash, INIT_FILE];
  const { channel, segment } = spooled;
  const { rendition, initHash, number, startTicks, durationTicks, timescaleHz, frames, sizeBytes } = segment;
  const name = [number, startTicks, durationTicks, timescaleHz, frames, sizeBytes].join('-');
  return [channel, rendition, initHash, `${name}.m4s`];
}

/** Reads the path of a spooled object, see {@link spoolPath}; null for any other. */
export function parseSpoolPath(path: readonly string[]): Spooled | null {
  const [channel = '', rendition = '', initHash = '', file = ''] = path;
  if (path.length !== 4 || !NAME.test(channel) || !NAME.test(rendition) || !HASH.test(initHash)) return null;
  if (file === INIT_FILE) return { kind: 'init', channel, rendition, hash: initHash };
  const match = SEGMENT.exec(file);
  if (match === null) return null;
  const [number = 0, startTicks = 0, durationTicks = 0, timescaleHz = 0, frames = 0, sizeBytes = 0] = match
    .slice(1)
    .map(Number);
  const segment = { rendition, number, startTicks, durationTicks, timescaleHz, frames, initHash, sizeBytes };
  return { kind: 'segment', channel, segment };
}

/** Sorts init segments first, then segments by their start: the init segment of every listed segment is in the store. */
export function inUploadOrder(a: Spooled, b: Spooled): number {
  return orderOf(a) - orderOf(b);
}

function orderOf(spooled: Spooled): number {
  return spooled.kind === 'init' ? 0 : spooled.segment.startTicks / spooled.segment.timescaleHz;
}

/** Why spooled bytes cannot be put; null when they can. After a power failure a file may be there without its bytes. */
export function spoolFault(spooled: Spooled, bytes: Buffer | null): string | null {
  if (bytes === null) return 'its spool file does not exist';
  if (spooled.kind === 'init') return bytes.length > 0 ? null : 'its spool file is empty';
  const { sizeBytes } = spooled.segment;
  return bytes.length === sizeBytes ? null : `its spool file has ${bytes.length} bytes of ${sizeBytes}`;
}
