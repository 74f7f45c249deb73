import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import type { Answer, KeptCall, Ledger, Recorded } from '../ledger/ledger.ts';
import { type Claim, judge } from '../protocol/answer.ts';
import type { AckFrame, RefusedFrame } from '../protocol/frames.ts';
import type { RosterIndex } from '../roster/roster-index.ts';
import type { Identity } from './peer.ts';
import type { RollCallMetrics } from './roll-call-metrics.ts';

/** What an answer is judged by. */
export type Question = {
  /** Null where the channel has no such call. */
  readonly call: KeptCall | null;
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
export class AnswerDesk {
  readonly #ledger: Ledger;
  readonly #metrics: RollCallMetrics;
  readonly #nowMs: () => number;
  readonly #log: Pick<Logger, 'error'>;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
  #isScheduled = false;
  readonly #idle: (() => void)[] = [];

  constructor(ledger: Ledger, metrics: RollCallMetrics, nowMs: () => number, logger: Logger) {
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
    const refuse = (code: string, reason: string, retryAfterMs?: number): void =>
      done(this.#refusal(claim, code, reason, retryAfterMs));
    const { call, roster } = question;
    if (call === null) return refuse('unknown-call', `channel ${channel}: no call ${claim.callId}`);
    const judgement = judge(call, claim, receivedMs);
    if (judgement.kind === 'refused') return refuse(judgement.code, judgement.reason);
    if (this.#waiting.length >= WAITING_MOST) {
      return refuse('ledger-unavailable', 'too many answers wait to be kept', RETRY_MS);
    }
    const { callId, answerId, value, tapProgramTimeMs, latencyMs, stalled } = claim;
    const { status, reactionMs } = judgement;
    const rosterId = roster.find(sub, name);
    // Written out: at 18,000 a second, spreading objects is felt.
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
    if (this.#waiting.length === 0 && this.#underWay === 0) return;
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
        done(this.#refusal(answer, 'ledger-unavailable', 'answers cannot be kept now', RETRY_MS));
      }
    }
    this.#underWay--;
    this.#schedule();
    if (this.#waiting.length > 0 || this.#underWay > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #reply({ answer, done }: Waiting, outcome: Recorded | undefined): void {
    const { answerId, callId, receivedMs } = answer;
    if (outcome === undefined || outcome.kind === 'id-taken') {
      done(this.#refusal(answer, 'answer-id-taken', 'answerId: somebody else has sent it'));
      return;
    }
    this.#metrics.acknowledged((this.#nowMs() - receivedMs) / 1000, outcome.kind);
    const duplicate = outcome.kind === 'duplicate';
    done({ type: 'ack', callId, answerId, status: outcome.answer.status, duplicate });
  }

  /** Makes a refusal, and counts it. */
  #refusal(
    { answerId }: Pick<Claim, 'answerId'>,
    code: string,
    reason: string,
    retryAfterMs?: number,
  ): RefusedFrame {
    this.#metrics.refused(code);
    const later = retryAfterMs === undefined ? {} : { retryAfterMs };
    return { type: 'refused', code, reason, answerId, ...later };
  }
}
