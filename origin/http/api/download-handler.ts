import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { placeFragments } from '../../../media/bmff/fragment-placement.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { ArchiveIndex } from '../../archive/archive-index.ts';
import { segmentKey } from '../../archive/archive-keys.ts';
import type { ArchiveReader } from '../../archive/archive-reader.ts';
import { type BroadcastRecord, BroadcastError, replayRange } from '../../broadcasts/broadcast-record.ts';
import type { TrackInit } from '../../packager/media.ts';
import {
  commonInitHash,
  gridStartMsOf,
  type StoredSegment,
} from '../../packager/recording/stored-segment.ts';
import { writeFileStart } from '../../replay/download/mp4-bytes.ts';
import { type FilePlan, type FileTrack, planFile } from '../../replay/download/mp4-plan.ts';
import { type ByteRange, parseRange } from '../reply/byte-range.ts';
import { requestHeader } from '../reply/request-header.ts';

/** What downloads are made from. */
export type DownloadDeps = {
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  readonly logger: Logger;
};

/** Downloads at once: each holds a segment, and reads as fast as its client does. */
const MAX_DOWNLOADS = 32;

type File = { readonly header: Buffer; readonly plan: FilePlan };

/**
 * A broadcast as one MP4 file: nothing is encoded anew, and nothing is written anywhere. Its size is known from the index,
 * so that a download that broke off goes on where it was (Range).
 */
export class DownloadHandler {
  readonly #deps: DownloadDeps;
  #running = 0;

  constructor(deps: DownloadDeps) {
    this.#deps = deps;
  }

  /**
   * Sends a broadcast.
   *
   * @param rendition which picture: its id; the best when null, and `audio` for sound alone
   * @throws {BroadcastError} `broadcast-on-air` (409), `nothing-recorded`, `unknown-rendition` (404)
   * @throws {AppError} `too-many-downloads` (503); {StoreError} `store-unavailable` (503)
   */
  async send(
    req: IncomingMessage,
    res: ServerResponse,
    broadcast: BroadcastRecord,
    rendition: string | null,
  ): Promise<void> {
    if (this.#running >= MAX_DOWNLOADS) {
      throw new AppError(`${MAX_DOWNLOADS} downloads run already`, {
        code: 'too-many-downloads',
        status: 503,
        retryAfterS: 30,
      });
    }
    this.#running += 1;
    try {
      const file = await this.#file(broadcast, rendition);
      await this.#write(req, res, broadcast, file);
    } finally {
      this.#running -= 1;
    }
  }

  async #file(broadcast: BroadcastRecord, rendition: string | null): Promise<File> {
    const range = replayRange(broadcast);
    if (range === null) {
      throw new BroadcastError(`broadcast ${broadcast.id} is on air`, {
        code: 'broadcast-on-air',
        status: 409,
      });
    }
    const { channel } = broadcast;
    const near = await this.#deps.index.between(channel, range);
    const stored = near.filter((segment) => {
      const startMs = gridStartMsOf(segment);
      return startMs >= range.fromMs && startMs < range.toMs;
    });
    const tracks = await this.#tracks(channel, stored, rendition);
    const plan = planFile(tracks);
    const header = writeFileStart(
      tracks.map(({ init }) => init),
      plan,
    );
    return { header, plan };
  }

  async #tracks(
    channel: string,
    stored: readonly StoredSegment[],
    rendition: string | null,
  ): Promise<FileTrack[]> {
    const tracks = new Map<string, FileTrack>();
    for (const id of new Set(stored.map((segment) => segment.rendition))) {
      const segments = stored.filter((segment) => segment.rendition === id);
      const init = await this.#commonInit(channel, segments);
      if (init !== null) tracks.set(id, { init, segments });
    }
    const sound = [...tracks.values()].filter(({ init }) => init.kind === 'audio').slice(0, 1);
    const pictures = [...tracks].filter(([, { init }]) => init.kind === 'video');
    if (pictures.length + sound.length === 0) {
      throw new BroadcastError(`channel ${channel}: nothing is left of this broadcast`, {
        code: 'nothing-recorded',
        status: 404,
      });
    }
    if (rendition === 'audio' && sound.length > 0) return sound;
    const wanted =
      rendition === null
        ? pictures.toSorted(([, a], [, b]) => b.init.heightPx - a.init.heightPx)[0]
        : pictures.find(([id]) => id === rendition);
    if (wanted === undefined && rendition !== null) {
      throw new BroadcastError(
        `rendition ${JSON.stringify(rendition.slice(0, 40))}: this broadcast has none`,
        {
          code: 'unknown-rendition',
          status: 404,
        },
      );
    }
    return [...(wanted === undefined ? [] : [wanted[1]]), ...sound];
  }

  /** That of most segments. Pictures carry their own parameter sets, and are decoded whatever it says. */
  async #commonInit(channel: string, segments: readonly StoredSegment[]): Promise<TrackInit | null> {
    const common = commonInitHash(segments);
    const rendition = segments[0]?.rendition ?? '';
    return common === undefined ? null : this.#deps.reader.init(channel, rendition, common);
  }

  async #write(
    req: IncomingMessage,
    res: ServerResponse,
    broadcast: BroadcastRecord,
    { header, plan }: File,
  ): Promise<void> {
    const sizeBytes = header.length + plan.sizeBytes;
    const tag = `"${createHash('sha256').update(header).digest('hex').slice(0, 32)}"`;
    const range =
      req.method === 'GET' && isOf(req, tag) ? parseRange(requestHeader(req, 'range'), sizeBytes) : null;
    const headers = {
      // The header names the size of every segment: whatever is laid otherwise has another one.
      ETag: tag,
      'Content-Type': 'video/mp4',
      'Content-Disposition': disposition(broadcast.title),
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

  async #stream(
    res: ServerResponse,
    channel: string,
    { header, plan }: File,
    range: ByteRange,
  ): Promise<void> {
    await send(res, cut(header, 0, range));
    for (const { segment, trackId, startTicks, offsetBytes } of plan.pieces) {
      const at = header.length + offsetBytes;
      if (at + segment.sizeBytes <= range.from) continue;
      if (at > range.to || res.destroyed) return;
      const bytes = await this.#deps.reader.bytesOf(channel, segment);
      if (bytes?.length !== segment.sizeBytes) {
        const object = segmentKey(channel, gridStartMsOf(segment), segment);
        this.#deps.logger.error(
          { channel, object, sizeBytes: bytes?.length ?? null, wantBytes: segment.sizeBytes },
          `download broken off: ${object} has ${bytes?.length ?? 'no'} bytes, the index says ${segment.sizeBytes}`,
        );
        // Its length was promised: only a broken connection can tell the client now.
        res.destroy();
        return;
      }
      await send(res, cut(placeFragments(bytes, trackId, startTicks), at, range));
    }
  }
}

/** A client that has begun goes on only with the very same file (RFC 9110 §13.1.5). */
function isOf(req: IncomingMessage, tag: string): boolean {
  const wanted = requestHeader(req, 'if-range');
  return wanted === undefined || wanted === tag;
}

/** Sends bytes, and waits where the client does not keep up. */
async function send(res: ServerResponse, bytes: Buffer): Promise<void> {
  if (bytes.length === 0 || res.destroyed || res.write(bytes)) return;
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

/** What of some bytes lies in a range; both counted from the file's beginning. */
function cut(bytes: Buffer, at: number, { from, to }: ByteRange): Buffer {
  return bytes.subarray(Math.max(0, from - at), Math.max(0, Math.min(bytes.length, to + 1 - at)));
}

/** A name for the file (RFC 6266 §5): plain letters for old clients, all of them for others. */
function disposition(title: string): string {
  const name =
    title
      .replaceAll(/\p{Surrogate}/gu, '_')
      .replaceAll(/[\s\u0000-\u001f\u007f/\\:*?"<>|]+/g, ' ')
      .trim() || 'class';
  const plain = name.replaceAll(/[^\x20-\x7e]+/g, '_').replaceAll(/[%']/g, '_');
  return `attachment; filename="${plain}.mp4"; filename*=UTF-8''${encodeURIComponent(name).replaceAll(/['()*]/g, '_')}.mp4`;
}
