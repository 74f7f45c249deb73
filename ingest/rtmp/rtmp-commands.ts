import type { Amf0Content } from '../../media/flv/amf0-writer.ts';
import { isAmfFields } from '../../media/flv/amf-value.ts';
import { enhancedSupport } from './enhanced-support.ts';
import { readCommand, type RtmpCommand } from './rtmp-command.ts';
import { RtmpError } from './rtmp-error.ts';

/** What a peer asks for with `publish`. All three may hold a key. */
export type PublishRequest = {
  readonly app: string;
  /** Empty where the peer names none. */
  readonly streamName: string;
  /** The URL of `connect`; empty where it has none. */
  readonly tcUrl: string;
};

/** What a command that stops a stream names. */
export type StopRequest = { readonly streamId: number } | { readonly streamName: string };

/** What commands ask for. */
export type CommandEvents = {
  /** The peer wants to publish. */
  publish(streamId: number, request: PublishRequest): void;
  /** The peer stopped on purpose: FCUnpublish, closeStream, deleteStream, or `publish` with false. It may name what is not there. */
  unpublish(what: StopRequest): void;
  /** The peer wants to play. */
  play(streamId: number): void;
};

/** How commands are answered. */
export type CommandLink = {
  /** Sends a command message to the peer. */
  send(streamId: number, ...values: readonly Amf0Content[]): void;
  /** Sends what comes before the answer to `connect`: windows and chunk size (RTMP 1.0 §7.2.1.1). */
  announce(): void;
};

/** Commands of encoders have about 500 bytes, with signed addresses some thousand. */
const MAX_COMMAND_BYTES = 16_384;
/** objectEncoding of AMF3 (RTMP 1.0 §7.2.1.1). */
const AMF3 = 3;
/** What encoders look for to know the kind of server (§7.2.1.1). */
const PROPERTIES: readonly (readonly [string, Amf0Content])[] = [
  ['fmsVer', 'FMS/3,0,1,123'],
  ['capabilities', 31],
];

/** The commands of one peer (RTMP 1.0 §7.2), those of the Flash Media Live Encoder included: FCPublish and its kin. */
export class RtmpCommands {
  readonly #events: CommandEvents;
  readonly #link: CommandLink;
  readonly #undecodable: ReadonlySet<string>;
  #connected: { readonly app: string; readonly tcUrl: string } | null = null;
  #lastStream = 0;

  /** @param undecodable codecs that the server cannot decode */
  constructor(events: CommandEvents, link: CommandLink, undecodable: ReadonlySet<string>) {
    this.#undecodable = undecodable;
    this.#events = events;
    this.#link = link;
  }

  /** Whether `connect` was answered. */
  get isConnected(): boolean {
    return this.#connected !== null;
  }

  /**
   * Handles the body of a command message.
   *
   * @param streamId message stream that it came on
   * @param body untrusted
   * @throws {RtmpError} when it is no command, is too long, or comes in an impossible order
   */
  handle(streamId: number, body: Buffer): void {
    if (body.length > MAX_COMMAND_BYTES) {
      throw new RtmpError(`command of ${body.length} bytes: at most ${MAX_COMMAND_BYTES}`);
    }
    const command = readCommand(body);
    const { name, args } = command;
    switch (name) {
      case 'connect':
        this.#connect(command);
        break;
      case 'createStream':
        this.#createStream(command);
        break;
      case 'publish':
        this.#publish(streamId, command);
        break;
      case 'play':
      case 'play2':
        this.#events.play(streamId);
        break;
      case 'FCPublish':
        this.#result(command, undefined);
        this.#call('onFCPublish', 'NetStream.Publish.Start', 'FCPublish received: publish now.');
        break;
      case 'FCUnpublish':
        this.#result(command, undefined);
        this.#call('onFCUnpublish', 'NetStream.Unpublish.Success', 'FCUnpublish received.');
        this.#events.unpublish({ streamName: typeof args[0] === 'string' ? args[0] : '' });
        break;
      case 'FCSubscribe':
        this.#result(command, undefined);
        this.#call('onFCSubscribe', 'NetStream.Play.Start', 'FCSubscribe received: play now.');
        break;
      case 'closeStream':
        this.#events.unpublish({ streamId });
        break;
      case 'deleteStream':
        this.#events.unpublish({ streamId: typeof args[0] === 'number' ? args[0] : 0 });
        break;
      case 'getStreamLength':
      case 'getMovLen':
        this.#result(command, 0);
        break;
      case '_result':
      case '_error':
        break;
      default:
        // releaseStream, _checkbw and whatever else an encoder waits for; events such as onStatus want no answer.
        if (!name.startsWith('on')) this.#result(command, undefined);
    }
  }

  #connect({ object, transactionId }: RtmpCommand): void {
    if (this.#connected !== null) throw new RtmpError('a second connect');
    const fields = isAmfFields(object) ? object : {};
    const tcUrl = typeof fields['tcUrl'] === 'string' ? fields['tcUrl'] : '';
    const app = typeof fields['app'] === 'string' ? fields['app'] : appOf(tcUrl);
    if (app === null) throw new RtmpError('connect: app is not a string');
    this.#connected = { app, tcUrl };
    this.#link.announce();
    const properties = [...PROPERTIES, ...enhancedSupport(fields, this.#undecodable)];
    // "Transaction ID: always set to 1" (§7.2.1.1), whatever stands there.
    this.#link.send(0, '_result', transactionId || 1, properties, [
      ['level', 'status'],
      ['code', 'NetConnection.Connect.Success'],
      ['description', 'Connection succeeded.'],
      ['objectEncoding', fields['objectEncoding'] === AMF3 ? AMF3 : 0],
    ]);
  }

  #createStream(command: RtmpCommand): void {
    this.#lastStream++;
    this.#link.send(0, '_result', command.transactionId, null, this.#lastStream);
  }

  #publish(streamId: number, { args: [name] }: RtmpCommand): void {
    if (this.#connected === null) throw new RtmpError('publish before connect');
    // "If you pass false, the publish operation stops" (NetStream.publish of ActionScript).
    if (name === false) {
      this.#events.unpublish({ streamId });
      return;
    }
    const streamName = typeof name === 'string' ? name : typeof name === 'number' ? String(name) : '';
    this.#events.publish(streamId, { ...this.#connected, streamName });
  }

  /** Calls a method of the peer, which wants no answer. */
  #call(method: string, code: string, description: string): void {
    this.#link.send(0, method, 0, null, [
      ['level', 'status'],
      ['code', code],
      ['description', description],
    ]);
  }

  /** Answers a command that has a transaction id; "no response" is wanted for 0 (§7.2.1.2). */
  #result({ transactionId }: RtmpCommand, value: Amf0Content): void {
    if (transactionId !== 0) this.#link.send(0, '_result', transactionId, null, value);
  }
}

/** The path of an RTMP URL with its query, without the slash in front; null when it is none. */
function appOf(tcUrl: string): string | null {
  return /^rtmp[a-z]*:\/\/[^/]*\/(.*)$/is.exec(tcUrl)?.[1] ?? null;
}
