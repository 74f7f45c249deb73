import type { InvokeMessage } from 'node-media-server/src/protocol/rtmp.js';
import Rtmp from 'node-media-server/src/protocol/rtmp.js';
import nmsLogger from 'node-media-server/src/core/logger.js';
import { RtmpError } from './rtmp-error.ts';

// Only the protocol of node-media-server is used. Its server and its sessions end the process when the port is in use, store
// streams in one global table, and forward packets of refused publishers to players. Here each session owns its own protocol
// object, so its packets reach nobody unless the session forwards them.

// The library prints a line to standard output for every command that it does not know.
nmsLogger.log = () => {};

/** One audio, video or data message. */
export type RtmpMessage = {
  readonly kind: 'audio' | 'video' | 'data';
  /** RTMP timestamp in milliseconds, 0 ≤ t < 2^32. */
  readonly timestampMs: number;
  /** The FLV tag body. Borrowed: the next message overwrites it. */
  readonly payload: Buffer;
};

/** What a peer does. Called from within {@link RtmpProtocol.receive}, in the order of the bytes. */
export type RtmpEvents = {
  /** Bytes to send to the peer. */
  output(bytes: Buffer): void;
  /** The peer wants to publish; answer with accept() or refuse(), now or later. `streamName` may hold a key. */
  publish(app: string, streamName: string): void;
  message(message: RtmpMessage): void;
  /** The peer stopped on purpose: FCUnpublish, closeStream or deleteStream. */
  unpublish(): void;
  /** The peer wants to play; answered with refuse(). */
  play(): void;
};

/** Memory limits of one peer. */
export type RtmpLimits = {
  /** Longest message, in bytes. */
  readonly maxMessageBytes: number;
  /** All incomplete messages together, in bytes. */
  readonly maxBufferedBytes: number;
};

/** Before the key is checked: commands only. */
export const COMMAND_LIMITS: RtmpLimits = { maxMessageBytes: 65_536, maxBufferedBytes: 262_144 };
/** For an accepted publisher. A keyframe of a 4K picture has about 2 MB. */
export const PUBLISHER_LIMITS: RtmpLimits = { maxMessageBytes: 8 << 20, maxBufferedBytes: 24 << 20 };

const MAX_CHUNK_STREAMS = 32;
/** Commands of encoders have about 500 bytes; decoding longer ones costs time. */
const MAX_COMMAND_BYTES = 4096;
/** An encoder creates one. */
const MAX_STREAMS = 16;
/** The library requires a URL in `connect`; its host is not used. */
const ANY_URL = 'rtmp://any/';
/** objectEncoding of AMF3 (RTMP 1.0 §7.2.1.1). */
const AMF3 = 3;
/** "The maximum chunk size SHOULD be at least 128 bytes" (RTMP 1.0 §5.4.1); smaller ones only cost CPU time. */
const MIN_CHUNK_BYTES = 128;
const TIMESTAMP_PERIOD_MS = 2 ** 32;

const TYPE_SET_CHUNK_SIZE = 1;
const TYPE_ABORT = 2;
const TYPE_WINDOW_ACK_SIZE = 5;
const TYPE_AUDIO = 8;
const TYPE_VIDEO = 9;
const TYPE_FLEX_STREAM = 15;
const TYPE_FLEX_MESSAGE = 17;
const TYPE_AGGREGATE = 22;

/** The library's protocol with limits on everything that a peer may announce, and without its own decision about `publish`. */
class BoundedRtmp extends Rtmp {
  readonly #events: RtmpEvents;
  #streamsMade = 0;
  limits: RtmpLimits = COMMAND_LIMITS;

  constructor(events: RtmpEvents) {
    super();
    this.#events = events;
    this.flv = null;
    this.onOutputCallback = (bytes) => events.output(bytes);
  }

  override packetParse(): void {
    const known = this.inPackets.size;
    super.packetParse();
    // Type 0 "MUST be used at the start of a chunk stream" (§5.3.1.2.1); librtmp's pings begin with type 1.
    const { fmt, cid } = this.parserPacket.header;
    if (this.inPackets.size > known && fmt > 1) {
      throw new RtmpError(`chunk stream ${cid}: begins with a chunk of type ${fmt}`);
    }
    if (this.inPackets.size > MAX_CHUNK_STREAMS) {
      throw new RtmpError(`chunk streams: more than ${MAX_CHUNK_STREAMS}`);
    }
  }

  override chunkMessageHeaderRead(): number {
    const { bytes, header } = this.parserPacket;
    const lengthBefore = header.length;
    const headerBytes = super.chunkMessageHeaderRead();
    // The library allocates its buffer at the first chunk; a larger length in a later chunk would overrun it.
    if (bytes > 0 && header.length !== lengthBefore) {
      throw new RtmpError(
        `chunk stream ${header.cid}: length ${header.length} within a message of ${lengthBefore}`,
      );
    }
    return headerBytes;
  }

  override packetAlloc(): void {
    const packet = this.parserPacket;
    const lengthBytes = packet.header.length;
    if (packet.header.type === 0 || packet.header.type > TYPE_AGGREGATE) {
      throw new RtmpError(`message type ${packet.header.type}: unknown`);
    }
    if (lengthBytes > this.limits.maxMessageBytes) {
      throw new RtmpError(`message length ${lengthBytes}: at most ${this.limits.maxMessageBytes}`);
    }
    // Timestamps "roll over" (RTMP 1.0 §5.3.1); the library drops every message once its sum of deltas passes 2^32.
    packet.clock %= TIMESTAMP_PERIOD_MS;
    if (lengthBytes > packet.capacity) {
      let bufferedBytes = lengthBytes;
      for (const other of this.inPackets.values()) bufferedBytes += other === packet ? 0 : other.capacity;
      if (bufferedBytes > this.limits.maxBufferedBytes) {
        throw new RtmpError(
          `messages in parts: ${bufferedBytes} bytes, at most ${this.limits.maxBufferedBytes}`,
        );
      }
    }
    super.packetAlloc();
  }

  override controlHandler(): void {
    const { header, payload } = this.parserPacket;
    if (header.length < 4)
      throw new RtmpError(`control message ${header.type}: ${header.length} bytes, want 4`);
    const value = payload.readUInt32BE(0);
    if (header.type === TYPE_SET_CHUNK_SIZE) {
      if (value < MIN_CHUNK_BYTES || value > 0x7fffffff)
        throw new RtmpError(`chunk size ${value}: want 128 or more`);
      this.inChunkSize = value;
    } else if (header.type === TYPE_ABORT) {
      const aborted = this.inPackets.get(value);
      if (aborted !== undefined) aborted.bytes = 0;
    } else if (header.type === TYPE_WINDOW_ACK_SIZE) {
      this.ackSize = Math.max(value, 65_536);
    }
  }

  override invokeHandler(): void {
    const { header, payload } = this.parserPacket;
    if (header.length > MAX_COMMAND_BYTES) {
      throw new RtmpError(`command of ${header.length} bytes: at most ${MAX_COMMAND_BYTES}`);
    }
    const skip = header.type === TYPE_FLEX_MESSAGE ? 1 : 0;
    const command = commandName(payload.subarray(skip, header.length));
    if (command === 'FCUnpublish' || command === 'closeStream' || command === 'deleteStream')
      this.#events.unpublish();
    else super.invokeHandler();
  }

  override dataHandler(): void {
    const { header, payload, clock } = this.parserPacket;
    if (header.length === 0) return;
    const kind = header.type === TYPE_AUDIO ? 'audio' : header.type === TYPE_VIDEO ? 'video' : 'data';
    const skip = header.type === TYPE_FLEX_STREAM ? 1 : 0;
    this.#events.message({ kind, timestampMs: clock, payload: payload.subarray(skip, header.length) });
  }

  override onConnect(invoke: InvokeMessage): void {
    if (this.streamApp !== undefined) throw new RtmpError('a second connect');
    const fields: Readonly<Record<string, unknown>> = isRecord(invoke.cmdObj) ? invoke.cmdObj : {};
    const { app, objectEncoding } = fields;
    if (typeof app !== 'string') throw new RtmpError('connect: app is not a string');
    // The library echoes these fields to the peer, so only checked values go in.
    const cmdObj = { app, tcUrl: ANY_URL, objectEncoding: objectEncoding === AMF3 ? AMF3 : 0 };
    super.onConnect({ cmd: 'connect', transId: transactionOf(invoke), cmdObj });
  }

  override onCreateStream(invoke: InvokeMessage): void {
    if (++this.#streamsMade > MAX_STREAMS) throw new RtmpError(`createStream: more than ${MAX_STREAMS}`);
    super.onCreateStream({ cmd: 'createStream', transId: transactionOf(invoke) });
  }

  override onPublish(invoke: InvokeMessage): void {
    if (typeof invoke.streamName !== 'string')
      throw new RtmpError('publish: the stream name is not a string');
    if (typeof this.streamApp !== 'string') throw new RtmpError('publish before connect');
    this.streamId = this.parserPacket.header.stream_id;
    this.streamName = invoke.streamName.split('?', 1)[0];
    this.#events.publish(this.streamApp, invoke.streamName);
  }

  override onPlay(): void {
    this.streamId = this.parserPacket.header.stream_id;
    this.#events.play();
  }
}

/** RTMP of one peer (Adobe RTMP 1.0): bytes in, events and bytes out. Owns no socket. */
export class RtmpProtocol {
  readonly #rtmp: BoundedRtmp;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;

  constructor(events: RtmpEvents) {
    this.#rtmp = new BoundedRtmp(events);
  }

  /**
   * Handles received bytes.
   *
   * @throws {RtmpError} `bad-rtmp` on malformed input or an exceeded limit; the connection must be closed then
   */
  receive(bytes: Buffer): void {
    let failure: string | null;
    try {
      failure = this.#rtmp.parserData(bytes);
    } catch (error) {
      if (error instanceof RtmpError) throw error;
      throw new RtmpError('not RTMP', error);
    }
    if (failure !== null) throw new RtmpError(failure);
    this.#acknowledge(bytes.length);
  }

  /** Tells the peer that it may publish, and raises its limits to the size of frames. */
  accept(): void {
    this.#rtmp.limits = PUBLISHER_LIMITS;
    this.#rtmp.respondPublish();
  }

  /**
   * Tells the peer that it may not publish.
   *
   * @param code status code, `NetStream.Publish.BadName`
   * @param description one sentence for the encoder's log
   */
  refuse(code: string, description: string): void {
    this.#rtmp.sendStatusMessage(this.#rtmp.streamId ?? 0, 'error', code, description);
  }

  /** "The client or the server MUST send the acknowledgment after receiving bytes equal to the window size" (§5.4.3). */
  #acknowledge(bytes: number): void {
    this.#receivedBytes += bytes;
    const windowBytes = this.#rtmp.ackSize;
    if (windowBytes === undefined || this.#receivedBytes - this.#acknowledgedBytes < windowBytes) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    this.#rtmp.sendACK(this.#receivedBytes % TIMESTAMP_PERIOD_MS);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The answer to a command carries its transaction id (RTMP 1.0 §7.2.1). */
function transactionOf({ cmd, transId }: InvokeMessage): number {
  if (typeof transId !== 'number') throw new RtmpError(`${String(cmd)}: the transaction id is not a number`);
  return transId;
}

/** The name of an AMF0 command: a string marker (0x02), its length in 2 bytes, and the text. */
function commandName(payload: Buffer): string {
  if (payload.length < 3 || payload[0] !== 0x02) return '';
  return payload.toString('latin1', 3, 3 + payload.readUInt16BE(1));
}
