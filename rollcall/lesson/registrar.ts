import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { OneByOne } from '../../shared/one-by-one.ts';
import type { KeptCall, Ledger } from '../ledger/ledger.ts';
import { callPhase, overMs } from '../protocol/call.ts';
import { lessonOf, takeAttendance } from './attendance.ts';
import type { OriginLink } from './origin-link.ts';

/** What a registrar works with. */
export type RegistrarDeps = {
  readonly ledger: Ledger;
  readonly link: OriginLink;
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** Channels that somebody is connected to. */
  channels(): Iterable<string>;
};

/** How often it is looked what is over, milliseconds. */
const LOOK_MS = 2000;
/** How often the origin is asked what is on air, milliseconds. */
const ASK_MS = 30_000;
/** How often the attendance of a class that goes on is given to the origin, milliseconds. */
const KEEP_MS = 300_000;
/** What another gateway has opened and not settled after this is settled here, milliseconds: it was killed. */
const ORPHAN_MS = 60_000;

type Watched = { broadcast: KeptCall['broadcast']; askedMs: number; keptMs: number };

/**
 * Sees that what the roll call has to say outlives it: each call stands in the stream as a mark, and the attendance of each
 * class lies with its broadcast. What cannot be handed over now is tried again, also by another gateway, also after a restart.
 */
export class Registrar {
  readonly #deps: RegistrarDeps;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #marking = new OneByOne();
  readonly #channels = new Map<string, Watched>();
  /** Channel of each call that was opened or changed by this gateway, and is not settled. */
  readonly #own = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | null = null;

  constructor(deps: RegistrarDeps) {
    this.#deps = deps;
    this.#log = sparing(deps.logger, 10_000, deps.nowMs);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** The class that is on air on a channel, as far as it is known here. */
  broadcastOf(channel: string): KeptCall['broadcast'] {
    return this.#channels.get(channel)?.broadcast ?? null;
  }

  /** Enters a call that was opened or changed in the stream; what goes wrong is tried again when it is over. */
  onChange(call: KeptCall): void {
    this.#own.set(call.callId, call.channel);
    void this.#try(`${call.channel}: call ${call.callId} is not in the stream`, () => this.#mark(call));
  }

  /** Waits for what is under way, and hands over the attendance of what is on air. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    for (const [channel, { broadcast }] of this.#channels) {
      if (broadcast !== null) await this.#try(`${channel}: attendance`, () => this.#keep(channel, broadcast));
    }
  }

  #look(): void {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null;
    });
  }

  async #lookOnce(): Promise<void> {
    const present = new Set(this.#deps.channels());
    for (const channel of present) {
      await this.#try(`${channel}: what is on air`, () => this.#follow(channel));
    }
    // Everybody may have gone home before a call was over.
    for (const channel of new Set([...present, ...this.#own.values()])) {
      await this.#try(`${channel}: its calls cannot be settled`, () => this.#settleAll(channel));
    }
    for (const [channel, { broadcast }] of this.#channels) {
      if (present.has(channel)) continue;
      // The last one has gone home.
      if (broadcast !== null) await this.#try(`${channel}: attendance`, () => this.#keep(channel, broadcast));
      this.#channels.delete(channel);
    }
  }

  async #follow(channel: string): Promise<void> {
    const nowMs = this.#deps.nowMs();
    const watched = this.#channels.get(channel) ?? { broadcast: null, askedMs: 0, keptMs: nowMs };
    this.#channels.set(channel, watched);
    if (nowMs - watched.askedMs < ASK_MS) return;
    watched.askedMs = nowMs;
    const before = watched.broadcast;
    watched.broadcast = await this.#deps.link.broadcast(channel);
    const hasEnded = before !== null && before.id !== watched.broadcast?.id;
    if (hasEnded) await this.#keep(channel, before);
    else if (before !== null && nowMs - watched.keptMs >= KEEP_MS) {
      watched.keptMs = nowMs;
      await this.#keep(channel, before);
    }
  }

  async #settleAll(channel: string): Promise<void> {
    const { ledger, nowMs } = this.#deps;
    for (const call of await ledger.calls(channel)) {
      const isOurs = this.#own.has(call.callId) || nowMs() - overMs(call) > ORPHAN_MS;
      if (!call.settled && isOurs && callPhase(call, nowMs()) === 'over') await this.#settle(call);
    }
  }

  async #settle(call: KeptCall): Promise<void> {
    const broadcast = await this.#mark(call);
    if (broadcast !== null) await this.#keep(call.channel, broadcast);
    await this.#deps.ledger.changeCall(call.channel, call.callId, () => ({ settled: true }));
    this.#own.delete(call.callId);
  }

  async #mark(call: KeptCall): Promise<KeptCall['broadcast']> {
    const { link, ledger, nowMs } = this.#deps;
    let { broadcast } = call;
    await this.#marking.change(call.callId, async () => {
      const found = await link.mark(call, callPhase(call, nowMs()) !== 'open');
      // What was on air when it was opened counts; the class may be over by now.
      if (broadcast !== null || found === null) return;
      broadcast = found;
      await ledger.changeCall(call.channel, call.callId, () => ({ broadcast }));
    });
    return broadcast;
  }

  async #keep(channel: string, broadcast: NonNullable<KeptCall['broadcast']>): Promise<void> {
    const { ledger, link, nowMs } = this.#deps;
    const all = await ledger.calls(channel);
    const found = lessonOf(all, broadcast.id, nowMs());
    const lesson = { broadcastId: broadcast.id, startMs: broadcast.startMs, endMs: nowMs() };
    const attendance = await takeAttendance(ledger, channel, found?.lesson ?? lesson, found?.calls ?? []);
    if (attendance.students.length > 0) await link.keep(broadcast.id, attendance);
  }

  async #try(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#log.warn({ error: describeError(error) }, `${what}: ${describeError(error)}`);
    }
  }
}
