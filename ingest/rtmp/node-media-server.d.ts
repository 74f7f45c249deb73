/**
 * What is used of node-media-server 4.4.3, which ships no types: its RTMP handshake, the writing of messages, and its logger.
 * Written from its source; members that are overridden are named as they are there.
 */
declare module 'node-media-server/src/protocol/rtmp.js' {
  /** A message to be written in chunks. */
  export type RtmpPacket = {
    readonly header: {
      /** Chunk type; 0 for a whole header. */
      readonly fmt: number;
      readonly cid: number;
      readonly timestamp: number;
      readonly length: number;
      readonly type: number;
      readonly stream_id: number;
    };
    readonly payload: Buffer;
  };

  export default class Rtmp {
    /** An FLV parser with a buffer of 1 MB that the protocol never uses. */
    flv: unknown;
    onOutputCallback: (buffer: Buffer) => void;
    /** Writes a message that is not empty in chunks of 65,535 bytes. */
    static chunksCreate(packet: RtmpPacket): Buffer;
    /** Takes received bytes: answers the handshake, then hands everything to {@link chunkRead}. */
    parserData(buffer: Buffer): string | null;
    /** @param from where the chunks begin in `data`, and how many bytes they are */
    chunkRead(data: Buffer, from: number, sizeBytes: number): string | null;
    sendACK(sizeBytes: number): void;
    sendWindowACK(sizeBytes: number): void;
    setPeerBandwidth(sizeBytes: number, limit: number): void;
    setChunkSize(sizeBytes: number): void;
    /** A user control message with any event and its 32 bit of data. */
    sendStreamStatus(event: number, value: number): void;
  }
}

declare module 'node-media-server/src/core/logger.js' {
  const logger: {
    /** Every message of the library comes through here; by default to standard output. */
    log: (message: string, level?: string) => void;
  };
  export default logger;
}
