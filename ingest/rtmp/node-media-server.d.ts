/**
 * What is used of node-media-server 4.4.3, which ships no types: its RTMP protocol (handshake, chunk stream, commands),
 * its AMF0 decoder and its logger. Written from its source; members that are overridden are named as they are there.
 */
declare module 'node-media-server/src/protocol/rtmp.js' {
  /** A message of one chunk stream while it is put together. */
  export type RtmpPacket = {
    readonly header: {
      readonly fmt: number;
      readonly cid: number;
      /** The 24-bit field: a time or a delta; 0xffffff when the extended timestamp follows. */
      readonly timestamp: number;
      readonly length: number;
      readonly type: number;
      readonly stream_id: number;
    };
    /** Timestamp of the message in milliseconds. Grows past 2^32 when deltas add up. */
    clock: number;
    /** Reused for the next message of this chunk stream; longer than `header.length`. */
    readonly payload: Buffer;
    readonly capacity: number;
    /** How much of the message is there. */
    bytes: number;
  };

  /** A decoded command; nothing about its fields has been checked. */
  export type InvokeMessage = {
    readonly cmd?: unknown;
    readonly transId?: unknown;
    readonly cmdObj?: unknown;
    readonly streamName?: unknown;
  };

  export default class Rtmp {
    parserPacket: RtmpPacket;
    readonly inPackets: Map<number, RtmpPacket>;
    inChunkSize: number;
    handshakeState: number;
    /** Window acknowledgement size that the peer asked for. */
    ackSize?: number;
    streamApp?: unknown;
    streamName?: unknown;
    streamId?: number;
    /** An FLV parser with a buffer of 1 MB that the protocol never uses. */
    flv: unknown;
    onOutputCallback: (buffer: Buffer) => void;
    /** Takes received bytes. Throws whatever hostile input makes it throw. */
    parserData(buffer: Buffer): string | null;
    packetParse(): void;
    chunkMessageHeaderRead(): number;
    /** Called at the first chunk of each message, when `clock` and `header.length` are known. */
    packetAlloc(): void;
    controlHandler(): void;
    invokeHandler(): void;
    dataHandler(): void;
    onConnect(invokeMessage: InvokeMessage): void;
    onCreateStream(invokeMessage: InvokeMessage): void;
    onPublish(invokeMessage: InvokeMessage): void;
    onPlay(invokeMessage: InvokeMessage): void;
    respondPublish(): void;
    sendACK(sizeBytes: number): void;
    sendStatusMessage(streamId: number, level: string, code: string, description: string): void;
  }
}

declare module 'node-media-server/src/core/logger.js' {
  const logger: {
    /** Every message of the library comes through here; by default to standard output. */
    log: (message: string, level?: string) => void;
  };
  export default logger;
}
