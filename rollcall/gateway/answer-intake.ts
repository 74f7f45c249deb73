import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { type Answer, type StoredCall, type Ledger, LedgerError, type Recorded } from '../ledger/ledger.ts';
import { type Claim, judge } from '../protocol/answer.ts';
import type { AckFrame, RefusedFrame } from '../protocol/frames.ts';
import type { RosterIndex } from '../roster/roster-index.ts';
import type { Identity } from './peer.ts';
import type { RollCallMetrics } from './roll-call-metrics.ts';

/** What an answer is judged by. */
export type Question = {
  /** Null where the channel has no such call. */
  readonly call: StoredCall | null;
  readonly roster: RosterIndex;
};

type Waiting = { readonly answer: Answer; readonly done: (reply: AckFrame | RefusedFrame) => void };

/** Batches that are being made durable at once: Redis takes the next one while it answers the last. */
const UNDER_WAY_MOST = 4;
/** Answers of one batch. */
const BATCH_MOST = 2000;
/** Answers that may wait: a ledger that stands still must not fill the memory. */
const WAITING_MOST = 200_000;
const RETRY_MS = 2000;

/**
 * Takes answers from whatever carries them, judges them by what students claim, and has them made durable, many at once: those
 * that come while the ledger is busy are its next batch. An ack is given after that, and never before.
 */
export class AnswerIntake {
  readonly #ledger: Ledger;
  readonly #metrics: Pick<RollCallMetrics, 'acknowledged'>;
  readonly #nowMs: () => number;
  readonly #log: Pick<Logger, 'error'>;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
  /** Answers of which it is looked whether they stand already. */
  #lookups = 0;
  #isScheduled = false;
  readonly #idle: (() => void)[] = [];

  constructor(
    ledger: Ledger,
    metrics: Pick<RollCallMetrics, 'acknowledged'>,
    nowMs: () => number,
    logger: Logger,
  ) {
    this.#ledger = ledger;
    this.#metrics = metrics;
    this.#nowMs = nowMs;
    this.#log = sparing(logger, 1000, nowMs);
  }

  /**
   * Takes an answer.
   *
   * @param done told once, now or when it is durable
   */
  take(
    channel: string,
    question: Question,
    { sub, name }: Identity,
    claim: Claim,
    done: (reply: AckFrame | RefusedFrame) => void,
  ): void {
    const receivedMs = this.#nowMs();
    const { call, roster } = question;
    if (call === null) {
      done(refusal(claim, 'unknown-call', `channel ${channel}: no call ${claim.callId}`));
      return;
    }
    const judgement = judge(call, claim, receivedMs);
    if (judgement.kind === 'refused') {
      const { code, reason } = judgement;
      void this.#lookUp(channel, sub, claim, refusal(claim, code, reason), done);
      return;
    }
    if (this.#waiting.length >= WAITING_MOST) {
      done(refusal(claim, 'ledger-unavailable', 'too many answers wait to be kept', RETRY_MS));
      return;
    }
    const { callId, answerId, value, tapProgramTimeMs, latencyMs, stalled } = claim;
    const { status, reactionMs } = judgement;
    const rosterId = roster.find(sub, name);
    // SerializedFrame out: at 18,000 a second, spreading objects is felt.
    const answer: Answer = {
      callId,
      channel,
      sub,
      name,
      rosterId,
      answerId,
      value,
      status,
      reactionMs,
      tapProgramTimeMs,
      latencyMs,
      stalled,
      receivedMs,
    };
    this.#waiting.push({ answer, done });
    this.#schedule();
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= UNDER_WAY_MOST || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    // After the frames that have arrived by now: they are one batch.
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.splice(0, BATCH_MOST);
    this.#underWay++;
    try {
      const outcomes = await this.#ledger.record(batch.map(({ answer }) => answer));
      for (const [i, waiting] of batch.entries()) this.#reply(waiting, outcomes[i]);
    } catch (error) {
      this.#log.error({ error: describeError(error), answers: batch.length }, 'answers could not be kept');
      for (const { answer, done } of batch) {
        done(notKept(answer, error));
      }
    }
    this.#underWay--;
    this.#schedule();
    this.#tellIdle();
  }

  get #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay === 0 && this.#lookups === 0;
  }

  #tellIdle(): void {
    if (!this.#isIdle) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /**
   * Answers a claim that is not taken: with the ack of the one that stands, where there is one. Hers may have been lost on its way
   * for longer than the call lasted.
   */
  async #lookUp(
    channel: string,
    sub: string,
    claim: Claim,
    otherwise: RefusedFrame,
    done: (reply: AckFrame | RefusedFrame) => void,
  ): Promise<void> {
    const { callId, answerId } = claim;
    this.#lookups++;
    try {
      const [stands] = await this.#ledger.answersOf(channel, callId, [sub]);
      if (stands === null || stands === undefined) done(otherwise);
      else {
        const duplicate = stands.answerId !== answerId;
        done({ type: 'ack', callId, answerId, status: stands.status, duplicate });
      }
    } catch (error) {
      this.#log.error({ error: describeError(error) }, 'it cannot be seen whether an answer stands');
      done(notKept(claim, error));
    } finally {
      this.#lookups--;
      this.#tellIdle();
    }
  }

  #reply({ answer, done }: Waiting, outcome: Recorded | undefined): void {
    const { answerId, callId, receivedMs } = answer;
    if (outcome === undefined || outcome.kind === 'id-taken') {
      done(refusal(answer, 'answer-id-taken', 'answerId: somebody else has sent it'));
      return;
    }
    this.#metrics.acknowledged((this.#nowMs() - receivedMs) / 1000, outcome.kind);
    const duplicate = outcome.kind === 'duplicate';
    done({ type: 'ack', callId, answerId, status: outcome.answer.status, duplicate });
  }
}

function refusal(
  { answerId }: Pick<Claim, 'answerId'>,
  code: string,
  reason: string,
  retryAfterMs?: number,
): RefusedFrame {
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { type: 'refused', code, reason, answerId, ...later };
}

/** The ledger says why, where it knows. */
function notKept(claim: Pick<Claim, 'answerId'>, error: unknown): RefusedFrame {
  const code = error instanceof LedgerError ? error.code : 'ledger-unavailable';
  return refusal(claim, code, 'answers cannot be kept now', RETRY_MS);
}
