import Rtmp from 'node-media-server/src/protocol/rtmp.js';
import nmsLogger from 'node-media-server/src/core/logger.js';
import { writeAmf0, type Amf0Content } from '../../media/flv/amf0-writer.ts';
import { messagesOfAggregate } from './aggregate.ts';
import { ChunkReader, type ChunkMessage, type RtmpLimits } from './chunk-reader.ts';
import { withoutFormatByte } from './rtmp-command.ts';
import { RtmpCommands, type CommandEvents } from './rtmp-commands.ts';
import { RtmpError } from './rtmp-error.ts';

// Of node-media-server the handshake and the writing of chunks are used. docs/dependencies.md says what its protocol reads in
// another way than encoders write it. Its server and its sessions end the process when the port is in use, store streams in one
// global table, and forward packets of refused publishers to players.

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
export type RtmpEvents = CommandEvents & {
  /** Bytes to send to the peer. */
  output(bytes: Buffer): void;
  message(streamId: number, message: RtmpMessage): void;
  /** The peer has answered a ping. */
  answered(): void;
};

/** Before the key is checked: commands only. */
export const COMMAND_LIMITS: RtmpLimits = { maxMessageBytes: 65_536, maxBufferedBytes: 262_144 };
/** For an accepted publisher. A keyframe of a 4K picture has about 2 MB. */
export const PUBLISHER_LIMITS: RtmpLimits = { maxMessageBytes: 8 << 20, maxBufferedBytes: 24 << 20 };

/** "The maximum chunk size SHOULD be at least 128 bytes and MUST be at least 1 byte", with the highest bit 0 (RTMP 1.0 §5.4.1). */
const MAX_CHUNK_BYTES = 0x7fffffff;
const OUT_CHUNK_BYTES = 65_535;
/** What is announced to the peer: some wait until so much is acknowledged, whether they named a window or not. */
const OWN_WINDOW_BYTES = 5_000_000;
const PERIOD = 2 ** 32;
const COMMAND_CHUNK_STREAM = 3;

const TYPE = {
  setChunkSize: 1,
  abort: 2,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;
/** User control events (§7.1.7). */
const EVENT = { streamBegin: 0, pingRequest: 6, pingResponse: 7 } as const;
/** Limit types of Set Peer Bandwidth (§5.4.5). */
const LIMIT = { hard: 0, soft: 1, dynamic: 2 } as const;

/** The library's handshake, with the chunks behind it given to a reader of our own. */
class Handshake extends Rtmp {
  readonly #chunks: ChunkReader;

  constructor(chunks: ChunkReader, output: (bytes: Buffer) => void) {
    super();
    this.#chunks = chunks;
    this.flv = null;
    this.onOutputCallback = output;
  }

  override chunkRead(data: Buffer, from: number, sizeBytes: number): null {
    this.#chunks.push(data.subarray(from, from + sizeBytes));
    return null;
  }
}

/** RTMP of one peer (Adobe RTMP 1.0): bytes in, events and bytes out. Owns no socket. */
export class RtmpProtocol {
  readonly #events: RtmpEvents;
  readonly #chunks: ChunkReader;
  readonly #commands: RtmpCommands;
  readonly #library: Handshake;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  /** The window that the peer asked for; ours until then. */
  #ackWindowBytes = OWN_WINDOW_BYTES;
  #outWindow: { readonly sizeBytes: number; readonly limit: number } = {
    sizeBytes: OWN_WINDOW_BYTES,
    limit: LIMIT.dynamic,
  };

  /** @param undecodable codecs that the server cannot decode: `av1` */
  constructor(events: RtmpEvents, undecodable: ReadonlySet<string> = new Set()) {
    this.#events = events;
    this.#chunks = new ChunkReader(COMMAND_LIMITS, (message) => this.#handle(message));
    this.#library = new Handshake(this.#chunks, (bytes) => events.output(bytes));
    const link = {
      send: (streamId: number, ...values: readonly Amf0Content[]) => this.#send(streamId, ...values),
      announce: () => this.#announce(),
    };
    this.#commands = new RtmpCommands(events, link, undecodable);
  }

  /**
   * Handles received bytes.
   *
   * @throws {RtmpError} `bad-rtmp` on malformed input or an exceeded limit; the connection must be closed then. Anything else
   *   that is thrown is a fault of the server
   */
  receive(bytes: Buffer): void {
    this.#library.parserData(bytes);
    this.#acknowledge(bytes.length);
  }

  /** Tells the peer that it may publish on a stream, and raises its limits to the size of frames. */
  accept(streamId: number): void {
    this.#chunks.limits = PUBLISHER_LIMITS;
    this.#library.sendStreamStatus(EVENT.streamBegin, streamId);
    this.#status(streamId, 'status', 'NetStream.Publish.Start', 'The stream is published.');
  }

  /**
   * Tells the peer that it may not publish.
   *
   * @param code status code, `NetStream.Publish.BadName`
   * @param description one sentence for the encoder's log
   */
  refuse(streamId: number, code: string, description: string): void {
    this.#status(streamId, 'error', code, description);
  }

  /** Confirms to the peer that it has stopped. */
  stopped(streamId: number): void {
    this.#status(streamId, 'status', 'NetStream.Unpublish.Success', 'The stream is not published any more.');
  }

  /** Asks whether the peer is there (§7.1.7): its answer is received as any other bytes. @param nowMs any clock */
  ping(nowMs: number): void {
    this.#library.sendStreamStatus(EVENT.pingRequest, Math.floor(nowMs) % PERIOD);
  }

  #handle(message: ChunkMessage, isNested = false): void {
    const { type, payload } = message;
    switch (type) {
      case TYPE.audio:
        this.#forward('audio', message, payload);
        break;
      case TYPE.video:
        this.#forward('video', message, payload);
        break;
      case TYPE.data:
      case TYPE.dataAmf3:
        this.#forward('data', message, withoutFormatByte(payload));
        break;
      case TYPE.command:
      case TYPE.commandAmf3:
        this.#commands.handle(message.streamId, payload);
        break;
      case TYPE.aggregate:
        // One within another is not taken apart: nothing writes that, and it could be made very deep.
        if (!isNested) for (const inner of messagesOfAggregate(message)) this.#handle(inner, true);
        break;
      default:
        if (!isNested) this.#control(message);
    }
  }

  #forward(kind: RtmpMessage['kind'], { streamId, timestampMs }: ChunkMessage, payload: Buffer): void {
    if (payload.length > 0) this.#events.message(streamId, { kind, timestampMs, payload });
  }

  #control({ type, payload }: ChunkMessage): void {
    if (type === TYPE.userControl) {
      this.#userControl(payload);
      return;
    }
    const isKnown = type === TYPE.setChunkSize || type === TYPE.abort || type === TYPE.windowAckSize;
    if (!isKnown && type !== TYPE.setPeerBandwidth) return;
    if (payload.length < 4) throw new RtmpError(`control message ${type}: ${payload.length} bytes, want 4`);
    const value = payload.readUInt32BE(0);
    if (type === TYPE.setChunkSize) this.#setChunkSize(value);
    else if (type === TYPE.abort) this.#chunks.abort(value);
    else if (type === TYPE.windowAckSize)
      this.#ackWindowBytes = Math.min(value || OWN_WINDOW_BYTES, OWN_WINDOW_BYTES);
    else this.#setPeerBandwidth(value, payload[4] ?? LIMIT.hard);
  }

  #setChunkSize(sizeBytes: number): void {
    if (sizeBytes < 1 || sizeBytes > MAX_CHUNK_BYTES) {
      throw new RtmpError(`chunk size ${sizeBytes}: want 1 to ${MAX_CHUNK_BYTES}`);
    }
    this.#chunks.setChunkBytes(sizeBytes);
  }

  /** "The peer receiving this message SHOULD respond with a Window Acknowledgement Size message" (§5.4.5). */
  #setPeerBandwidth(sizeBytes: number, limit: number): void {
    const last = this.#outWindow;
    // "Dynamic: if the previous Limit Type was Hard, treat this message as though it was marked Hard, otherwise ignore it."
    if (limit === LIMIT.dynamic && last.limit !== LIMIT.hard) return;
    const newBytes = limit === LIMIT.soft ? Math.min(sizeBytes, last.sizeBytes) : sizeBytes;
    this.#outWindow = { sizeBytes: newBytes, limit: limit === LIMIT.soft ? LIMIT.soft : LIMIT.hard };
    if (newBytes !== last.sizeBytes) this.#library.sendWindowACK(newBytes);
  }

  #userControl(payload: Buffer): void {
    if (payload.length < 6) return;
    const event = payload.readUInt16BE(0);
    if (event === EVENT.pingResponse) this.#events.answered();
    if (event !== EVENT.pingRequest) return;
    this.#library.sendStreamStatus(EVENT.pingResponse, payload.readUInt32BE(2));
  }

  #status(streamId: number, level: 'status' | 'error', code: string, description: string): void {
    this.#send(streamId, 'onStatus', 0, null, [
      ['level', level],
      ['code', code],
      ['description', description],
    ]);
  }

  #announce(): void {
    this.#library.sendWindowACK(OWN_WINDOW_BYTES);
    this.#library.setPeerBandwidth(OWN_WINDOW_BYTES, LIMIT.dynamic);
    this.#library.setChunkSize(OUT_CHUNK_BYTES);
    this.#library.sendStreamStatus(EVENT.streamBegin, 0);
  }

  #send(streamId: number, ...values: readonly Amf0Content[]): void {
    const payload = writeAmf0(...values);
    const type = TYPE.command;
    const header = { fmt: 0, cid: COMMAND_CHUNK_STREAM, timestamp: 0, length: payload.length, type };
    this.#events.output(Rtmp.chunksCreate({ header: { ...header, stream_id: streamId }, payload }));
  }

  /**
   * "The client or the server MUST send the acknowledgment after receiving bytes equal to the window size" (§5.4.3): at half of
   * it, so that no peer that waits for it stands still.
   */
  #acknowledge(bytes: number): void {
    this.#receivedBytes += bytes;
    if (!this.#commands.isConnected) return;
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#ackWindowBytes / 2) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    this.#library.sendACK(this.#receivedBytes % PERIOD);
  }
}
