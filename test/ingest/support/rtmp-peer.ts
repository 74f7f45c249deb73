import { randomBytes } from 'node:crypto';
import { ChunkReader } from '../../../ingest/rtmp/chunk-reader.ts';
import { readCommand } from '../../../ingest/rtmp/rtmp-command.ts';
import { type RtmpEvents, RtmpProtocol, type RtmpMessage } from '../../../ingest/rtmp/rtmp-protocol.ts';
import { amfObject, command } from './rtmp-client.ts';

const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1528), Buffer.alloc(1536)]);
/** A `connect` to the app `live`. */
export const CONNECT = command('connect', 1, amfObject([['app', 'live']]));

/** One message of the server. */
export type Said = { type: number; streamId: number; body: Buffer };
/** What the protocol reported. */
export type Asked = { what: string; streamId?: number; streamName?: string; app?: string; tcUrl?: string };

/** A protocol after its handshake, with what it says and what it reports. */
export class Peer {
  readonly said: Said[] = [];
  readonly asked: Asked[] = [];
  readonly messages: (Omit<RtmpMessage, 'payload'> & { readonly hex: string })[] = [];
  /** Answers to pings. */
  answers = 0;
  readonly protocol: RtmpProtocol;

  /** @param undecodable codecs that the server cannot decode */
  constructor(undecodable: readonly string[] = []) {
    const limits = { maxMessageBytes: 1 << 20, maxBufferedBytes: 1 << 20 };
    const reader = new ChunkReader(limits, ({ type, streamId, payload }) =>
      this.said.push({ type, streamId, body: Buffer.from(payload) }),
    );
    reader.setChunkBytes(65_535);
    let skipBytes = 1 + 2 * 1536;
    const events: RtmpEvents = {
      output: (bytes) => {
        const skipped = Math.min(skipBytes, bytes.length);
        skipBytes -= skipped;
        reader.push(bytes.subarray(skipped));
      },
      publish: (streamId, { app, streamName, tcUrl }) =>
        this.asked.push({ what: 'publish', streamId, app, streamName, tcUrl }),
      message: (_, { kind, timestampMs, payload }) =>
        this.messages.push({ kind, timestampMs, hex: payload.toString('hex') }),
      unpublish: (what) => this.asked.push({ what: 'stop', ...what }),
      play: (streamId) => this.asked.push({ what: 'play', streamId }),
      answered: () => void this.answers++,
    };
    this.protocol = new RtmpProtocol(events, new Set(undecodable));
    this.protocol.receive(HANDSHAKE);
  }

  /** Sends bytes and gives the answers to them. */
  send(...bytes: readonly Buffer[]): Said[] {
    this.said.length = 0;
    for (const some of bytes) this.protocol.receive(some);
    return [...this.said];
  }

  /** Sends bytes and gives the commands among the answers: name, transaction id, and what follows. */
  calls(...bytes: readonly Buffer[]): unknown[][] {
    return this.send(...bytes)
      .filter(({ type }) => type === 20)
      .map(({ body }) => {
        const { name, transactionId, object, args } = readCommand(body);
        return [name, transactionId, object, ...args];
      });
  }
}

/** A peer behind its `connect`. */
export function connected(): Peer {
  const peer = new Peer();
  peer.send(CONNECT);
  return peer;
}
