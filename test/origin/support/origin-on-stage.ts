import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseConfig } from '../../../config/load.ts';
import type { LecternConfig } from '../../../config/schema.ts';
import type { CutParts } from '../../../origin/broadcasts/cut-parts.ts';
import { Channels } from '../../../origin/live/channels.ts';
import { MediaHandler } from '../../../origin/http/playback/media-handler.ts';
import { PushHandler } from '../../../origin/http/push/push-handler.ts';
import type { LiveChannel } from '../../../origin/live/live-channel.ts';
import type { RunLogSnapshot } from '../../../origin/packager/timeline/run-log.ts';
import { type Logger, silentLogger } from '../../../shared/logger.ts';
import { parseFeedName } from '../../../shared/names.ts';
import type { TimeshiftHandler } from '../../../origin/http/playback/timeshift-handler.ts';
import type { ReplayHandler } from '../../../origin/http/playback/replay-handler.ts';
import { audioInit, videoInit } from './cmaf-init.ts';
import { START_MS, syntheticSamples, syntheticSlate } from './synthetic.ts';

/** What came back over HTTP. */
export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

/** What answers for the past. */
export type PastOnStage = {
  readonly timeshift: TimeshiftHandler;
  readonly replays: ReplayHandler;
  readonly cuts?: CutParts;
};

/** A slate that can be kept: its init segments are true ones. */
const SLATE_TRACKS = syntheticSlate().tracks.map(({ name, init: { kind } }) => {
  const init = kind === 'video' ? videoInit(240) : audioInit(1);
  return { name, init, samples: syntheticSamples(init, 0, 1600, 255) };
});

/** An origin's hot paths on a real socket, with a clock that the test turns by hand and a class that it feeds. */
export class OriginOnStage {
  nowMs: number;
  readonly config: LecternConfig;
  readonly channels: Channels;
  readonly media: MediaHandler;
  /** The runs as they were saved last; undefined before anything was on air. */
  savedRuns: RunLogSnapshot | undefined;
  readonly refused: string[] = [];
  /** What was logged as an error. */
  readonly faults: string[] = [];
  /** What was logged besides, with its level: `info /live/… refused: …`. */
  readonly logged: string[] = [];
  readonly logger: Logger = {
    ...silentLogger,
    info: (_fields, line) => void this.logged.push(`info ${line}`),
    warn: (_fields, line) => void this.logged.push(`warn ${line}`),
    error: (_fields, line) => void this.faults.push(line),
  };
  readonly #server;
  #sentMs = START_MS;
  #tracks = [
    { name: '720p', init: videoInit(720) },
    { name: '360p', init: videoInit(360) },
    { name: 'audio', init: audioInit() },
  ];
  /** Which class is on air: each has a feed of its own. */
  #feed = 'live.b1';

  /**
   * @param pastOf makes what answers for the past, where the test has one
   * @param before the process that this one was started in place of: its time and its runs go on
   */
  constructor(
    yaml = '',
    pastOf: (origin: OriginOnStage) => PastOnStage | null = () => null,
    before: OriginOnStage | null = null,
  ) {
    this.nowMs = before?.nowMs ?? START_MS;
    const text = `${yaml}\nchannels:\n  - {id: hall-7, title: Hall 7, publishKey: a-secret}\nladder: {rungs: [{height: 720, videoKbps: 900}, {height: 360, videoKbps: 300}]}\n`;
    this.config = { ...parseConfig(text, {}), secret: 'a secret for these tests' };
    const clock = { nowMs: () => this.nowMs };
    this.savedRuns = before?.savedRuns;
    this.channels = new Channels({
      config: this.config,
      clock,
      slate: SLATE_TRACKS,
      logs: new Map(before?.savedRuns === undefined ? [] : [['hall-7', before.savedRuns]]),
      saveRuns: (_channel, snapshot) => {
        this.savedRuns = snapshot;
      },
    });
    const past = pastOf(this);
    this.media = new MediaHandler({
      ...{ channels: this.channels, clock, logger: this.logger, playback: this.config },
      timeshift: past?.timeshift ?? null,
      cuts: past?.cuts ?? null,
    });
    const push = new PushHandler({
      channel: (id) => this.channels.get(id),
      clock,
      logger: this.logger,
      secret: this.config.secret,
      onBytes: () => {},
      onRefused: (code) => this.refused.push(code),
    });
    this.#server = createServer((req, res) => {
      if (this.media.handle(req, res) || past?.replays.handle(req, res) === true) return;
      push.handle(req, res);
    });
  }

  get channel(): LiveChannel {
    return this.channels.get('hall-7');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.media.stop();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** What the next class sends: a teacher without a microphone has no sound. */
  sendOnly(...names: readonly string[]): void {
    this.#tracks = this.#tracks.filter(({ name }) => names.includes(name));
  }

  /** A class goes on air, 300 ms behind the clock. */
  goOnAir(broadcast = 'b1'): void {
    this.#open(broadcast);
    this.#sentMs = this.nowMs;
  }

  /**
   * Its uplink is here again, and sends what it has kept once more: pictures from a keyframe on, sound from any frame.
   *
   * @param keptMs how far that reaches back
   */
  comeBack(keptMs: number, broadcast = 'b1'): void {
    this.#open(broadcast);
    const [fromMs, toMs] = [this.nowMs - keptMs, this.nowMs - 300];
    for (const { name, init } of this.#tracks) {
      const firstMs = init.kind === 'video' ? Math.floor(fromMs / 1600) * 1600 : fromMs;
      const samples = syntheticSamples(init, firstMs, toMs, 7);
      this.channel.push(this.#feed, name, [samples], this.nowMs);
    }
    this.#sentMs = toMs;
    this.channel.tick(this.nowMs);
  }

  #open(broadcast: string): void {
    this.#feed = `live.${broadcast}`;
    const names = this.#tracks.map(({ name }) => name);
    for (const { name, init } of this.#tracks) {
      this.channel.openTrack(parseFeedName(this.#feed), name, init, names, this.nowMs);
    }
  }

  /** The class ends, or its line drops; time goes by without it. */
  goOffAir(ending: 'over' | 'interrupted', milliseconds: number): void {
    for (const { name } of this.#tracks) this.channel.closeTrack(this.#feed, name, ending, this.nowMs);
    for (const endMs = this.nowMs + milliseconds; this.nowMs < endMs; ) {
      this.nowMs = Math.min(this.nowMs + 50, endMs);
      this.channel.tick(this.nowMs);
    }
  }

  /** One track of the class is sent up to now, in one call; the others stay behind. */
  push(track: string): void {
    for (const { name, init } of this.#tracks) {
      if (name !== track) continue;
      const samples = syntheticSamples(init, this.#sentMs, this.nowMs - 300, 7);
      this.channel.push(this.#feed, name, [samples], this.nowMs);
    }
  }

  /** Time goes by; the class goes on with it. */
  run(milliseconds: number): void {
    for (const endMs = this.nowMs + milliseconds; this.nowMs < endMs; ) {
      this.nowMs = Math.min(this.nowMs + 20, endMs);
      for (const { name, init } of this.#tracks) {
        const samples = syntheticSamples(init, this.#sentMs, this.nowMs - 300, 7);
        this.channel.push(this.#feed, name, [samples], this.nowMs);
      }
      this.#sentMs = Math.max(this.#sentMs, this.nowMs - 300);
      this.channel.tick(this.nowMs);
      this.media.expire(this.nowMs);
    }
  }

  /** Asks over a real socket. `onSent` runs once the request has reached the handler or the answer has begun. */
  async ask(
    path: string,
    options: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const req = request({ port: this.port, host: '127.0.0.1', path, agent: false, ...options });
    req.end();
    const [res] = await once(req, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of res) chunks.push(chunk);
    return { status: res.statusCode, headers: res.headers, body: Buffer.concat(chunks) };
  }
}
