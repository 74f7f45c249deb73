import type { ErrorCode } from '../../shared/error-codes.ts';
import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { type Answer, countedOf, type Ledger, LedgerError, type StoredCall } from '../ledger/ledger.ts';
import { type Claim, judge, sequenceOf } from '../protocol/answer.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { AckFrame, RefusedFrame } from '../protocol/frames.ts';
import type { RosterIndex } from '../roster/roster-index.ts';
import { AnswerBatches, type RecordResult } from './answer-batches.ts';
import type { Identity } from './identity.ts';
import type { RollCallMetrics } from './roll-call-metrics.ts';

/** What an answer is judged by. */
export type AnswerContext = {
  /** Null where the channel has no such call. */
  readonly call: StoredCall | null;
  readonly roster: RosterIndex;
};

/** What is sent back for an answer. */
export type AnswerReply = AckFrame | Refusal;

/** A refusal with a code of ours. */
type Refusal = RefusedFrame & { readonly code: ErrorCode };

/** When a client may send an answer again that could not be recorded, milliseconds. */
const RETRY_AFTER_MS = 2000;
/** Answers that are looked up at the same time: late ones of a whole city come in a burst, a ledger that hangs must not hold more. */
export const LOOKUPS_MAX = 20_000;

/**
 * Accepts answers from WebSockets and HTTP: judges what the student claims, has the answer recorded, and acknowledges it once
 * it is durable, never before.
 */
export class AnswerIntake {
  readonly #ledger: Pick<Ledger, 'record' | 'answersOf'>;
  readonly #metrics: Pick<RollCallMetrics, 'acknowledged'>;
  readonly #nowMs: () => number;
  readonly #log: Pick<Logger, 'error'>;
  readonly #batches: AnswerBatches;
  readonly #lookups = new Set<Promise<void>>();

  /** @param nowMs UTC milliseconds */
  constructor(
    ledger: Pick<Ledger, 'record' | 'answersOf'>,
    metrics: Pick<RollCallMetrics, 'acknowledged'>,
    nowMs: () => number,
    logger: Logger,
  ) {
    this.#ledger = ledger;
    this.#metrics = metrics;
    this.#nowMs = nowMs;
    this.#log = sparing(logger, 1000, nowMs);
    this.#batches = new AnswerBatches(
      ledger,
      (error, answers) => {
        this.#log.error({ error: describeError(error), answers }, 'answers cannot be recorded');
      },
      (error) => this.#logReplyFault(error),
    );
  }

  /**
   * Takes an answer.
   *
   * @param reply called once: now, or when the answer is durable
   */
  take(
    channel: string,
    { call, roster }: AnswerContext,
    { sub, name }: Identity,
    claim: Claim,
    reply: (frame: AnswerReply) => void,
  ): void {
    const receivedMs = this.#nowMs();
    const { callId, answerId, value, tapProgramTimeMs, latencyMs, stalled } = claim;
    if (call === null) {
      reply(refusal(answerId, 'unknown-call', `channel ${channel}: no call ${callId}`));
      return;
    }
    const judgement = judge(call, claim, receivedMs);
    if (judgement.kind === 'refused') {
      this.#replyToRefused(channel, sub, claim, refusal(answerId, judgement.code, judgement.reason), reply);
      return;
    }
    const { status, reactionMs } = judgement;
    const sequence = sequenceOf(call, claim, reactionMs);
    const rosterId = roster.find(sub, name);
    // Spelled out: at 18,000 answers a second, spreading objects costs measurable time.
    const first: Answer = {
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
    const answer = sequence === null ? first : { ...first, sequence };
    const isQueued = this.#batches.add(answer, (result) => reply(this.#replyTo(answer, result)));
    if (!isQueued) reply(refusal(answerId, 'ledger-unavailable', 'too many answers wait', RETRY_AFTER_MS));
  }

  /** Resolves when every answer has its reply. */
  async idle(): Promise<void> {
    do await Promise.all([this.#batches.idle(), ...this.#lookups]);
    while (this.#lookups.size > 0 || !this.#batches.isIdle);
  }

  #replyTo({ callId, answerId, receivedMs }: Answer, result: RecordResult): AnswerReply {
    if (result.kind === 'failed') return notRecorded(answerId, result.error);
    const { outcome } = result;
    if (outcome === undefined || outcome.kind === 'id-taken') {
      return refusal(answerId, 'answer-id-taken', 'answerId: another student has sent it');
    }
    if (outcome.kind === 'too-many') {
      return refusal(answerId, 'too-many-changes', `answers are changed ${LIMITS.changesMax} times at most`);
    }
    this.#metrics.acknowledged((this.#nowMs() - receivedMs) / 1000, outcome.kind);
    return ack(callId, answerId, outcome.answer, outcome.kind === 'duplicate');
  }

  /**
   * Replies to a claim that does not count: with the ack of the student's durable answer where there is one, because its first
   * ack may have been lost for longer than the call lasted.
   */
  #replyToRefused(
    channel: string,
    sub: string,
    { callId, answerId }: Claim,
    refused: Refusal,
    reply: (frame: AnswerReply) => void,
  ): void {
    if (this.#lookups.size >= LOOKUPS_MAX) {
      reply(refusal(answerId, 'ledger-unavailable', 'too many answers are looked up', RETRY_AFTER_MS));
      return;
    }
    const lookup = this.#ledger
      .answersOf(channel, callId, [sub])
      .then(
        ([durable]): AnswerReply => {
          const isThere = durable !== null && durable !== undefined;
          return isThere ? ack(callId, answerId, durable, durable.answerId !== answerId) : refused;
        },
        (error: unknown): AnswerReply => {
          this.#log.error({ error: describeError(error) }, 'the ledger cannot be read for a retried answer');
          return notRecorded(answerId, error);
        },
      )
      .then(reply)
      .catch((error: unknown) => this.#logReplyFault(error))
      .finally(() => this.#lookups.delete(lookup));
    this.#lookups.add(lookup);
  }

  /** A fault of ours: the answer is durable, and its student asks again because she got no ack. */
  #logReplyFault(error: unknown): void {
    this.#log.error({ error: describeError(error) }, 'an answer is recorded, and its reply failed');
  }
}

/** @param counting the student's answer that counts */
function ack(callId: string, answerId: string, counting: Answer, duplicate: boolean): AckFrame {
  const { status } = counting;
  return { type: 'ack', callId, answerId, status, duplicate, ...countedOf(counting) };
}

function refusal(answerId: string, code: ErrorCode, reason: string, retryAfterMs?: number): Refusal {
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { type: 'refused', code, reason, answerId, ...retry };
}

/** The ledger's own error code tells the reason where there is one. */
function notRecorded(answerId: string, error: unknown): Refusal {
  const code = error instanceof LedgerError ? error.code : 'ledger-unavailable';
  return refusal(answerId, code, 'the answer cannot be recorded now', RETRY_AFTER_MS);
}
