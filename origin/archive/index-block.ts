import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { ArchiveError } from './archive-error.ts';
import { gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';

/** Duration of a block of the index, milliseconds: about seven minutes, a whole number of segments on every grid. */
export const BLOCK_MS = 256 * SEGMENT_DURATION_MS;

/** First line of every block. */
const HEADER = '{"format":"lectern-index","version":1}';
const HASH = /^[0-9a-f]{12}$/;
const CAPTIONS = /^(CC[1-4]|SERVICE\d{1,2})( (CC[1-4]|SERVICE\d{1,2})){0,66}$/;
const RENDITION = /^[a-z0-9-]{1,64}$/;

/** Start of the block of a time, UTC milliseconds. */
export function blockAt(timeMs: number): number {
  return Math.floor(timeMs / BLOCK_MS) * BLOCK_MS;
}

/** Start of the block of a segment, UTC milliseconds. */
export function blockOf(segment: StoredSegment): number {
  return blockAt(gridStartMsOf(segment));
}

/** The blocks that hold all segments that begin in [fromMs, toMs), oldest first. */
export function blocksBetween(fromMs: number, toMs: number): number[] {
  const blocks: number[] = [];
  for (let blockMs = blockAt(fromMs); blockMs < toMs; blockMs += BLOCK_MS) blocks.push(blockMs);
  return blocks;
}

/** A key that is unique among the segments of a channel. */
export function segmentId({ rendition, number }: Pick<StoredSegment, 'rendition' | 'number'>): string {
  return `${rendition}/${number}`;
}

/** The segments of both lists, in the order of a block; the first list wins where both have one: media never changes. */
export function mergeSegments(
  known: readonly StoredSegment[],
  more: readonly StoredSegment[],
): StoredSegment[] {
  const merged = new Map<string, StoredSegment>();
  for (const segment of [...known, ...more]) {
    const id = segmentId(segment);
    if (!merged.has(id)) merged.set(id, segment);
  }
  return [...merged.values()].toSorted(inOrder);
}

/** The order of a block: by number, then by rendition. */
export function inOrder(a: StoredSegment, b: StoredSegment): number {
  return a.number - b.number || (a.rendition < b.rendition ? -1 : a.rendition > b.rendition ? 1 : 0);
}

/** Writes a block: a header, then one JSON array a line, so that a block can be read by eye and recovered line by line. */
export function formatBlock(segments: readonly StoredSegment[]): string {
  let text = `${HEADER}\n`;
  for (const s of segments) {
    const { rendition, number, startTicks, durationTicks, timescaleHz, frames, initHash, sizeBytes } = s;
    const fields = [rendition, number, startTicks, durationTicks, timescaleHz, frames, initHash, sizeBytes];
    const line = s.captions === undefined ? fields : [...fields, s.captions.join(' ')];
    text += `${JSON.stringify(line)}\n`;
  }
  return text;
}

/**
 * Reads a block.
 *
 * @param place its name in errors
 * @throws {ArchiveError} `bad-index` with the line; `lectern store rebuild` repairs it
 */
export function parseBlock(text: string, place: string): StoredSegment[] {
  const [header, ...lines] = text.split('\n');
  if (header !== HEADER) throw badIndex(place, 1, header ?? '');
  const named = lines.flatMap((line, index) => (line === '' ? [] : [{ line, number: index + 2 }]));
  const rows = parseAtOnce(named.map(({ line }) => line));
  const names = new Map<string, string>();
  return named.map(({ line, number }, index) => {
    const segment = readRow(rows === null ? parseLine(line) : rows[index], names);
    if (segment === null) throw badIndex(place, number, line);
    return segment;
  });
}

/** Parses all lines with one call, which takes a third of the time; null when one of them is no JSON. */
function parseAtOnce(lines: readonly string[]): readonly unknown[] | null {
  const rows = parseLine(`[${lines.join(',')}]`);
  return Array.isArray(rows) && rows.length === lines.length ? rows : null;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function readRow(fields: unknown, names: Map<string, string>): StoredSegment | null {
  // Pictures with closed captions have a ninth field.
  if (!Array.isArray(fields) || (fields.length !== 8 && fields.length !== 9)) return null;
  const [rendition, number, startTicks, durationTicks, timescaleHz, frames, ...rest]: unknown[] = fields;
  const [initHash, sizeBytes, captions] = rest;
  if (captions !== undefined && (typeof captions !== 'string' || !CAPTIONS.test(captions))) return null;
  if (typeof rendition !== 'string' || !RENDITION.test(rendition)) return null;
  if (typeof initHash !== 'string' || !HASH.test(initHash)) return null;
  if (!isWhole(number) || number === 0 || !isWhole(startTicks) || !isWhole(durationTicks)) return null;
  if (!isWhole(timescaleHz) || timescaleHz === 0 || !isWhole(frames) || !isWhole(sizeBytes)) return null;
  return {
    rendition: once(names, rendition),
    ...{ number, startTicks, durationTicks, timescaleHz, frames },
    initHash: once(names, initHash),
    sizeBytes,
    ...(captions === undefined ? {} : { captions: captions.split(' ') }),
  };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Makes equal texts share memory: a thousand lines name only four renditions. */
function once(names: Map<string, string>, name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  names.set(name, name);
  return name;
}

function badIndex(place: string, line: number, text: string): ArchiveError {
  return new ArchiveError(
    `${place} line ${line}: ${JSON.stringify(text.slice(0, 80))} is not a line of an index`,
    {
      code: 'bad-index',
    },
  );
}
