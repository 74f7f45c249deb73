import { type Logger, sparing } from '../../shared/logger.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import type { BroadcastRef, Ledger, StoredCall } from '../ledger/ledger.ts';
import { AttendanceSubmissions } from './attendance-submissions.ts';
import { CallSettler } from './call-settler.ts';
import type { Lessons } from './lessons.ts';
import { logFailure } from './log-failure.ts';
import { OnAirBroadcasts } from './on-air-broadcasts.ts';
import type { OriginClient } from './origin-client.ts';

/** What a reporter needs. */
export type AttendanceReporterDeps = {
  readonly ledger: Pick<Ledger, 'calls' | 'changeCall' | 'roster'>;
  readonly origin: Pick<OriginClient, 'putMark' | 'currentBroadcast' | 'putAttendance'>;
  readonly lessons: Pick<Lessons, 'note' | 'ofBroadcast'>;
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** All channels: calls are settled also where nobody is connected. */
  readonly configuredChannels: readonly string[];
  /** Channels that somebody is connected to. */
  activeChannels(): Iterable<string>;
};

/** How often the reporter looks for due work, milliseconds. */
const RUN_EVERY_MS = 2000;
/** How often it looks at channels that nobody is connected to, milliseconds. */
const RUN_ALL_EVERY_MS = 60_000;
/** Channels that are handled at the same time. */
const CHANNELS_CONCURRENCY = 8;
/** How long the last submissions may take when the process stops, milliseconds. */
const STOP_TIMEOUT_MS = 2500;

/** Reports the roll call to the origin: each call as a mark in the streams, and each broadcast's attendance. */
export class AttendanceReporter {
  readonly #deps: AttendanceReporterDeps;
  readonly #failureLog: Pick<Logger, 'warn'>;
  readonly #onAir: OnAirBroadcasts;
  readonly #submissions: AttendanceSubmissions;
  readonly #settler: CallSettler;
  readonly #timer: NodeJS.Timeout;
  #ranAllMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;

  constructor(deps: AttendanceReporterDeps) {
    this.#deps = deps;
    const { ledger, origin, lessons, nowMs, logger } = deps;
    const failureLog = sparing(logger, 10_000, nowMs);
    this.#failureLog = failureLog;
    this.#onAir = new OnAirBroadcasts(origin, nowMs);
    this.#submissions = new AttendanceSubmissions({ ledger, origin, lessons, nowMs, logger, failureLog });
    this.#settler = new CallSettler({
      ...{ ledger, origin, nowMs, logger, failureLog },
      submitAttendance: (channel, broadcast) => this.#submissions.submit(channel, broadcast),
      onBroadcast: (channel, broadcast) => {
        lessons.note(channel, broadcast);
        this.#onAir.expire(channel);
      },
    });
    this.#timer = setInterval(() => void this.run(), RUN_EVERY_MS);
  }

  /** The broadcast on air on a channel as last known: it may have ended half a minute ago. */
  broadcastOf(channel: string): BroadcastRef | null {
    return this.#onAir.of(channel);
  }

  /** Marks a call that was opened or changed in the streams; what fails is tried again. */
  onChange(call: StoredCall): void {
    this.#settler.onChange(call);
  }

  /** Does all work that is due; runs by itself every 2 s. Resolves when it was tried; failures are logged. */
  run(): Promise<void> {
    this.#running ??= this.#runOnce().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** A student of a channel was erased. Resolves when no attendance that was taken before is on its way to the origin. */
  async onErased(channel: string): Promise<void> {
    this.#submissions.forgetRosters(channel);
    await this.#running;
  }

  /** Submits pending attendances and those of broadcasts on air, for at most 2.5 s; logs what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const { channel, broadcast } of this.#onAir.all()) this.#submissions.enqueue(channel, broadcast);
    const left = await this.#submissions.submitAll(STOP_TIMEOUT_MS, this.#running);
    if (left.length === 0) return;
    this.#deps.logger.warn({ broadcasts: left }, 'attendances were not submitted before the server stopped');
  }

  async #runOnce(): Promise<void> {
    const { configuredChannels, activeChannels, nowMs } = this.#deps;
    const active = new Set(activeChannels());
    await this.#forEachChannel(active, 'the broadcast on air is not known', (channel) =>
      this.#refreshOnAir(channel),
    );
    for (const { channel, broadcast } of this.#onAir.removeInactive(active)) {
      await this.#submissions.enqueueEnded(channel, broadcast);
    }
    const isForAll = Math.abs(nowMs() - this.#ranAllMs) >= RUN_ALL_EVERY_MS;
    if (isForAll) this.#ranAllMs = nowMs();
    // Everybody may have left before a call was over.
    const channels = new Set([
      ...active,
      ...this.#settler.channels(),
      ...(isForAll ? configuredChannels : []),
    ]);
    await this.#forEachChannel(channels, 'its calls cannot be settled', (channel) =>
      this.#settler.settle(channel),
    );
    await this.#submissions.submitDue();
  }

  async #refreshOnAir(channel: string): Promise<void> {
    const change = await this.#onAir.refresh(channel);
    if (change === null) return;
    const { current, ended, due } = change;
    if (current !== null) {
      this.#deps.lessons.note(channel, current);
      this.#submissions.onAir(channel, current);
    }
    if (ended !== null) await this.#submissions.enqueueEnded(channel, ended);
    if (due !== null) this.#submissions.enqueue(channel, due);
  }

  async #forEachChannel(
    channels: Iterable<string>,
    failure: string,
    work: (channel: string) => Promise<void>,
  ): Promise<void> {
    await forEachBounded(channels, CHANNELS_CONCURRENCY, (channel) =>
      logFailure(this.#failureLog, `${channel}: ${failure}`, () => work(channel)),
    );
  }
}
