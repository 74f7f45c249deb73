import { RtmpError } from './rtmp-error.ts';

/** One message of the chunk stream. */
export type ChunkMessage = {
  /** Message type id. */
  readonly type: number;
  /** Message stream id. */
  readonly streamId: number;
  /** Milliseconds, 0 ≤ t < 2^32. */
  readonly timestampMs: number;
  /** Borrowed: the next bytes that are read may overwrite it. */
  readonly payload: Buffer;
};

/** Memory limits of one peer. */
export type RtmpLimits = {
  /** Longest message, in bytes. */
  readonly maxMessageBytes: number;
  /** All incomplete messages together, in bytes. */
  readonly maxBufferedBytes: number;
};

/** What is known of one chunk stream. */
type ChunkStream = {
  readonly id: number;
  /** Timestamp or delta of the last header, and whether it stood in the extended field. */
  field: number;
  isExtended: boolean;
  /** Whether the last header with a time had a timestamp (type 0), not a delta. */
  isAbsolute: boolean;
  timestampMs: number;
  length: number;
  type: number;
  streamId: number;
  payload: Buffer;
  /** How much of the message is there. */
  received: number;
  isWithin: boolean;
};

/** A chunk's header while it is read. */
type Header = { readonly stream: ChunkStream; readonly format: number; readonly extendedAt: number };

const PERIOD_MS = 2 ** 32;
const EXTENDED = 0xffffff;
const MAX_CHUNK_STREAMS = 32;
/** Basic header 3, message header 11, extended timestamp 4. */
const MAX_HEADER_BYTES = 18;
/** Bytes of a message header by chunk type (RTMP 1.0 §5.3.1.2). */
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const;
const DEFAULT_CHUNK_BYTES = 128;
const LAST_MESSAGE_TYPE = 22;
/** A longer delta would be a leap of the clock. */
const MAX_REPEATED_MS = 10_000;

/**
 * Puts messages together from the chunks of one peer, however the bytes were split.
 *
 * Two things are read in the way in which encoders write them. A chunk of type 3 has the extended timestamp where it repeats the
 * one before, and media in its place where it does not. A message that begins with type 3 behind type 0 is later by that chunk's
 * timestamp, as the specification says, unless this would be a leap.
 *
 * @see RTMP 1.0 §5.3
 */
export class ChunkReader {
  readonly #onMessage: (message: ChunkMessage) => void;
  readonly #streams = new Map<number, ChunkStream>();
  readonly #head = Buffer.alloc(MAX_HEADER_BYTES);
  #headBytes = 0;
  /** The chunk whose payload is being read. */
  #current: ChunkStream | null = null;
  #leftInChunk = 0;
  #chunkBytes = DEFAULT_CHUNK_BYTES;
  limits: RtmpLimits;

  /** @param onMessage called from within {@link push}; may change the limits and the chunk size */
  constructor(limits: RtmpLimits, onMessage: (message: ChunkMessage) => void) {
    this.limits = limits;
    this.#onMessage = onMessage;
  }

  /** Sets the chunk size from the next chunk on (§5.4.1), also within a message of another chunk stream. */
  setChunkBytes(sizeBytes: number): void {
    this.#chunkBytes = sizeBytes;
  }

  /** Forgets the message that is incomplete on a chunk stream (§5.4.2). */
  abort(chunkStreamId: number): void {
    const stream = this.#streams.get(chunkStreamId);
    if (stream === undefined) return;
    stream.isWithin = false;
    stream.received = 0;
  }

  /**
   * Takes received bytes.
   *
   * @throws {RtmpError} `bad-rtmp` on malformed input or an exceeded limit
   */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#current === null) at = this.#readHeader(bytes, at);
      else at = this.#readPayload(this.#current, bytes, at);
    }
  }

  #readPayload(stream: ChunkStream, bytes: Buffer, at: number): number {
    const size = Math.min(this.#leftInChunk, bytes.length - at);
    bytes.copy(stream.payload, stream.received, at, at + size);
    stream.received += size;
    this.#leftInChunk -= size;
    if (this.#leftInChunk === 0) this.#endChunk(stream);
    return at + size;
  }

  #endChunk(stream: ChunkStream): void {
    this.#current = null;
    if (stream.received < stream.length) return;
    stream.isWithin = false;
    stream.received = 0;
    const { type, streamId, timestampMs } = stream;
    this.#onMessage({ type, streamId, timestampMs, payload: stream.payload.subarray(0, stream.length) });
  }

  /** Reads bytes until the header is whole. @returns where the payload begins */
  #readHeader(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length) {
      this.#head[this.#headBytes++] = bytes[at++] ?? 0;
      const header = this.#headerSoFar();
      if (header === null) continue;
      const unread = this.#begin(header);
      if (unread === null) continue;
      this.#headBytes = 0;
      // What was taken for an extended timestamp and is media goes through the parser again.
      if (unread.length > 0) this.push(unread);
      return at;
    }
    return at;
  }

  /** The header, when its basic and message headers are there. */
  #headerSoFar(): Header | null {
    const first = this.#head[0] ?? 0;
    const format = first >> 6;
    const basicBytes = (first & 0x3f) === 0 ? 2 : (first & 0x3f) === 1 ? 3 : 1;
    const extendedAt = basicBytes + (MESSAGE_HEADER_BYTES[format] ?? 0);
    if (this.#headBytes < extendedAt) return null;
    // "(the third byte)*256 + (the second byte) + 64" (§5.3.1.1)
    const id =
      basicBytes === 1
        ? first & 0x3f
        : 64 + (this.#head[1] ?? 0) + (basicBytes === 3 ? 256 * (this.#head[2] ?? 0) : 0);
    if (this.#headBytes === extendedAt)
      this.#readMessageHeader(this.#streamOf(id, format), format, basicBytes);
    const stream = this.#streams.get(id);
    return stream === undefined ? null : { stream, format, extendedAt };
  }

  #streamOf(id: number, format: number): ChunkStream {
    const known = this.#streams.get(id);
    if (known !== undefined) return known;
    // Type 0 "MUST be used at the start of a chunk stream" (§5.3.1.2.1); librtmp's pings begin with type 1.
    if (format > 1) throw new RtmpError(`chunk stream ${id}: begins with a chunk of type ${format}`);
    if (this.#streams.size >= MAX_CHUNK_STREAMS) {
      throw new RtmpError(`chunk streams: more than ${MAX_CHUNK_STREAMS}`);
    }
    const stream: ChunkStream = {
      ...{ id, field: 0, isExtended: false, isAbsolute: false, timestampMs: 0 },
      ...{ length: 0, type: 0, streamId: 0, payload: Buffer.alloc(0), received: 0, isWithin: false },
    };
    this.#streams.set(id, stream);
    return stream;
  }

  #readMessageHeader(stream: ChunkStream, format: number, at: number): void {
    const head = this.#head;
    if (format === 3) return;
    const field = head.readUIntBE(at, 3); // timestamp, or timestamp delta
    if (format < 2) {
      const length = head.readUIntBE(at + 3, 3); // message length
      if (stream.isWithin && length !== stream.length) {
        throw new RtmpError(
          `chunk stream ${stream.id}: length ${length} within a message of ${stream.length}`,
        );
      }
      stream.length = length;
      stream.type = head[at + 6] ?? 0; // message type id
    }
    if (format === 0) stream.streamId = head.readUInt32LE(at + 7); // message stream id
    stream.field = field;
    stream.isExtended = field === EXTENDED;
    stream.isAbsolute = format === 0;
  }

  /**
   * Begins a chunk when its extended timestamp is there or cannot be one.
   *
   * @returns bytes that were read too far; null when more are wanted
   */
  #begin({ stream, format, extendedAt }: Header): Buffer | null {
    let unread = Buffer.alloc(0);
    if (stream.isExtended) {
      const have = this.#head.subarray(extendedAt, this.#headBytes);
      const verdict = format === 3 ? repeats(stream, have) : have.length < 4 ? 'unsure' : 'yes';
      if (verdict === 'unsure') return null;
      if (verdict === 'no') unread = Buffer.from(have);
      else if (format !== 3) stream.field = have.readUInt32BE(0); // extended timestamp
    }
    if (!stream.isWithin) this.#beginMessage(stream, format);
    this.#leftInChunk = Math.min(this.#chunkBytes, stream.length - stream.received);
    this.#current = stream;
    if (this.#leftInChunk === 0) this.#endChunk(stream);
    return unread;
  }

  #beginMessage(stream: ChunkStream, format: number): void {
    this.#checkLimits(stream);
    if (format === 0) stream.timestampMs = stream.field;
    else {
      // §5.3.1.2.4: a type 3 chunk behind a type 0 chunk has that one's timestamp for its delta.
      const isLeap = format === 3 && stream.isAbsolute && stream.field > MAX_REPEATED_MS;
      stream.timestampMs = (stream.timestampMs + (isLeap ? 0 : stream.field)) % PERIOD_MS;
    }
    if (stream.payload.length < stream.length) stream.payload = Buffer.allocUnsafe(stream.length + 1024);
    stream.received = 0;
    stream.isWithin = true;
  }

  #checkLimits(stream: ChunkStream): void {
    const { type, length } = stream;
    if (type === 0 || type > LAST_MESSAGE_TYPE) throw new RtmpError(`message type ${type}: unknown`);
    const { maxMessageBytes, maxBufferedBytes } = this.limits;
    if (length > maxMessageBytes) throw new RtmpError(`message length ${length}: at most ${maxMessageBytes}`);
    if (length <= stream.payload.length) return;
    let bufferedBytes = length;
    for (const other of this.#streams.values()) bufferedBytes += other === stream ? 0 : other.payload.length;
    if (bufferedBytes > maxBufferedBytes) {
      throw new RtmpError(`messages in parts: ${bufferedBytes} bytes, at most ${maxBufferedBytes}`);
    }
  }
}

/**
 * Whether the bytes behind a chunk header of type 3 are an extended timestamp: they repeat the one of the header before, or, as
 * some encoders write it behind a delta, are the timestamp itself.
 */
function repeats({ field, timestampMs }: ChunkStream, have: Buffer): 'yes' | 'no' | 'unsure' {
  if (have.length === 0) return 'unsure';
  const begins = have.readUIntBE(0, have.length);
  const unit = 256 ** (4 - have.length);
  if (Math.floor(field / unit) !== begins && Math.floor(timestampMs / unit) !== begins) return 'no';
  return have.length < 4 ? 'unsure' : 'yes';
}
