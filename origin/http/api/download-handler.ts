import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Semaphore } from 'async-mutex';
import { backgroundTurns } from '../../../shared/background-turns.ts';
import type { Logger } from '../../../shared/logger.ts';
import { StoreError } from '../../../shared/object-store.ts';
import { segmentKey } from '../../archive/archive-keys.ts';
import type { BroadcastRecord } from '../../broadcasts/broadcast-record.ts';
import { gridStartMsOf, type StoredSegment } from '../../packager/recording/stored-segment.ts';
import {
  type BroadcastFile,
  type BroadcastFileDeps,
  planBroadcastFile,
} from '../../replay/download/broadcast-file.ts';
import { pieceBytes } from '../../replay/download/mp4-bytes.ts';
import { type ByteRange, parseRange } from '../reply/byte-range.ts';
import { requestHeader } from '../reply/request-header.ts';
import { contentDisposition } from '../../../shared/content-disposition.ts';
import { type DownloadLimits, DownloadPlaces } from './download-places.ts';

/** What downloads are made from. */
export type DownloadDeps = BroadcastFileDeps & {
  readonly logger: Logger;
  /** Pauses before each retry of a read, milliseconds; those of the handler when left out. */
  readonly pausesMs?: readonly number[];
  /** How many at once: each holds a segment in memory, and reads the store as fast as its client does. */
  readonly limits: DownloadLimits;
  /** The address of the client that sent a request; null where it is not known. */
  clientAddress(req: IncomingMessage): string | null;
};

/** How often the speed of downloads is looked at, milliseconds. */
const LOOK_EVERY_MS = 5000;
/** Bytes of one write: how fast a client is shows in the writes that complete. */
const WRITE_BYTES = 65_536;
/** Segments that downloads read at the same time: the disk is there for replays and the spool as well. */
const READS_AT_ONCE = 2;
/** Pauses before a read is tried again, milliseconds: a store that is away for a minute ends no download. */
const PAUSES_MS: readonly number[] = [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000];

/**
 * Sends a broadcast as one MP4 file. Nothing is encoded again, and no file is written: its size follows from the index, so an
 * interrupted download can be resumed (Range).
 */
export class DownloadHandler {
  readonly #deps: DownloadDeps;
  readonly #reads = new Semaphore(READS_AT_ONCE);
  readonly #places: DownloadPlaces;
  #looking: NodeJS.Timeout | null = null;

  constructor(deps: DownloadDeps) {
    this.#deps = deps;
    this.#places = new DownloadPlaces(deps.limits);
  }

  /**
   * Sends a broadcast.
   *
   * @param rendition id of the picture; null for the best; `audio` for sound only
   * @throws {BroadcastError} `broadcast-on-air` (409), `nothing-recorded` (404)
   * @throws {AppError} `unknown-rendition` (404), `too-many-downloads` (503); {StoreError} `store-unavailable` (503)
   */
  async send(
    req: IncomingMessage,
    res: ServerResponse,
    broadcast: BroadcastRecord,
    rendition: string | null,
  ): Promise<void> {
    // Nothing is read for a HEAD request but the index.
    const giveBack = req.method === 'HEAD' ? () => {} : this.#take(req, res);
    try {
      const file = await planBroadcastFile(this.#deps, broadcast, rendition);
      await this.#write(req, res, broadcast, file);
    } finally {
      giveBack();
    }
  }

  /** @throws {AppError} `too-many-downloads` (503) */
  #take(req: IncomingMessage, res: ServerResponse): () => void {
    const { socket } = req;
    const download = {
      takenBytes: () => socket.bytesWritten - socket.writableLength,
      end: () => void res.destroy(),
    };
    const place = this.#places.take(this.#deps.clientAddress(req), download, performance.now());
    this.#looking ??= setInterval(() => this.#places.look(performance.now()), LOOK_EVERY_MS).unref();
    return () => {
      place();
      if (this.#places.count > 0 || this.#looking === null) return;
      clearInterval(this.#looking);
      this.#looking = null;
    };
  }

  async #write(
    req: IncomingMessage,
    res: ServerResponse,
    broadcast: BroadcastRecord,
    { header, plan }: BroadcastFile,
  ): Promise<void> {
    const sizeBytes = header.length + plan.sizeBytes;
    const tag = `"${createHash('sha256').update(header).digest('hex').slice(0, 32)}"`;
    const range =
      req.method === 'GET' && isOf(req, tag) ? parseRange(requestHeader(req, 'range'), sizeBytes) : null;
    const headers = {
      // The header has the size of every segment: another file has another header.
      ETag: tag,
      'Content-Type': 'video/mp4',
      'Content-Disposition': contentDisposition(broadcast.title),
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'no-store',
      'Access-Control-Allow-Origin': '*',
    };
    if (range === 'unsatisfiable') {
      res.writeHead(416, { ...headers, 'Content-Range': `bytes */${sizeBytes}` }).end();
      return;
    }
    const { from, to } = range ?? { from: 0, to: sizeBytes - 1 };
    res.writeHead(range === null ? 200 : 206, {
      ...headers,
      'Content-Length': to - from + 1,
      ...(range === null ? {} : { 'Content-Range': `bytes ${from}-${to}/${sizeBytes}` }),
    });
    if (req.method !== 'HEAD') await this.#stream(res, broadcast.channel, { header, plan }, { from, to });
    res.end();
  }

  /** Reads a segment, and again while the store is away for a moment: what was sent by then would be lost. */
  async #read(res: ServerResponse, channel: string, segment: StoredSegment): Promise<Buffer | null> {
    const { reader, pausesMs = PAUSES_MS } = this.#deps;
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.#reads.runExclusive(() => reader.bytesOf(channel, segment));
      } catch (error) {
        const pauseMs = pausesMs[failures];
        const isPassing = error instanceof StoreError && error.code === 'store-unavailable';
        if (!isPassing || pauseMs === undefined || res.destroyed) throw error;
        await pause(pauseMs);
      }
    }
  }

  async #stream(
    res: ServerResponse,
    channel: string,
    { header, plan }: BroadcastFile,
    range: ByteRange,
  ): Promise<void> {
    await this.#send(res, () => cut(header, 0, range));
    for (const piece of plan.pieces) {
      const { segment, offsetBytes, sizeBytes } = piece;
      const at = header.length + offsetBytes;
      if (at + sizeBytes <= range.from) continue;
      if (at > range.to || res.destroyed) return;
      const bytes = await this.#read(res, channel, segment);
      if (bytes?.length !== segment.sizeBytes) {
        const object = segmentKey(channel, gridStartMsOf(segment), segment);
        this.#deps.logger.error(
          { channel, object, sizeBytes: bytes?.length ?? null, wantBytes: segment.sizeBytes },
          `download aborted: ${object} has ${bytes?.length ?? 'no'} bytes, the index says ${segment.sizeBytes}`,
        );
        // Content-Length has been sent: only a broken connection tells the client that the rest is missing.
        res.destroy();
        return;
      }
      // What downloads cost is the copy of each segment and its way into the socket: a turn each.
      await this.#send(res, () => cut(pieceBytes(bytes, piece), at, range));
    }
  }

  /** Sends bytes as fast as the client takes them. */
  async #send(res: ServerResponse, make: () => Buffer): Promise<void> {
    let rest = await backgroundTurns.run('download', () => write(res, make()));
    while (!res.destroyed && (rest.length > 0 || res.writableNeedDrain)) {
      await drained(res);
      const more = rest;
      rest = await backgroundTurns.run('download', () => write(res, more));
    }
  }
}

/** Whether a client that resumes has the beginning of the very same file (RFC 9110 §13.1.5). */
function isOf(req: IncomingMessage, tag: string): boolean {
  const wanted = requestHeader(req, 'if-range');
  return wanted === undefined || wanted === tag;
}

/** Sends bytes until the client does not keep up. @returns what is left, to be sent when it has {@link drained} */
function write(res: ServerResponse, bytes: Buffer): Buffer {
  let at = 0;
  let isKeepingUp = true;
  while (at < bytes.length && isKeepingUp && !res.destroyed) {
    isKeepingUp = res.write(bytes.subarray(at, at + WRITE_BYTES));
    at += WRITE_BYTES;
  }
  return res.destroyed ? bytes.subarray(bytes.length) : bytes.subarray(at);
}

/** Resolves when the client has received enough, or is gone. */
async function drained(res: ServerResponse): Promise<void> {
  // It may have happened already: between a turn and the one who waits for it, other callbacks run.
  if (res.destroyed || !res.writableNeedDrain) return;
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  res.once('close', onClose);
  try {
    await once(res, 'drain', { signal: gone.signal });
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    res.off('close', onClose);
  }
}

/** The bytes that lie in a range; `at` and the range are counted from the file's beginning. */
function cut(bytes: Buffer, at: number, { from, to }: ByteRange): Buffer {
  return bytes.subarray(Math.max(0, from - at), Math.max(0, Math.min(bytes.length, to + 1 - at)));
}
