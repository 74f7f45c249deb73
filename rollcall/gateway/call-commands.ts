import { randomBytes } from 'node:crypto';
import type { CallDecision, StoredCall, Ledger } from '../ledger/ledger.ts';
import { callPhase, type Question } from '../protocol/call.ts';
import { RollCallError } from '../roll-call-error.ts';

/** What carrying out orders needs. */
export type CallCommandsDeps = {
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  /** The class that is on air on a channel, as far as it is known. */
  broadcastOf(channel: string): StoredCall['broadcast'];
  /** Told of each call that was opened or changed by an order. */
  onChange(call: StoredCall): void;
};

/** Opens, closes and extends calls, as teachers order. */
export class CallCommands {
  readonly #deps: CallCommandsDeps;

  constructor(deps: CallCommandsDeps) {
    this.#deps = deps;
  }

  /**
   * Opens a call: it is heard now, in the teacher's own time.
   *
   * @param by the teacher's id
   * @throws {RollCallError} `call-open` (409): one at a time
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async open(channel: string, by: string, question: Question): Promise<StoredCall> {
    const { ledger, nowMs, onChange } = this.#deps;
    const atProgramTimeMs = nowMs();
    const call: StoredCall = {
      ...question,
      ...{ callId: newCallId(atProgramTimeMs), channel, atProgramTimeMs, openedBy: by },
      ...{ broadcast: this.#deps.broadcastOf(channel), settled: false },
    };
    const outcome = await ledger.openCall(call, atProgramTimeMs);
    if (outcome.kind === 'busy') {
      throw new RollCallError(`channel ${channel}: call ${outcome.call.callId} is open; end it first`, {
        ...{ code: 'call-open', status: 409 },
      });
    }
    onChange(call);
    return call;
  }

  /**
   * Ends a call now: whose playhead is before now still hears it.
   *
   * @throws {RollCallError} `unknown-call` (404), `call-over` (409)
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async close(channel: string, callId: string): Promise<StoredCall> {
    const nowMs = this.#deps.nowMs();
    return this.#change(channel, callId, (call) => {
      if (callPhase(call, nowMs) !== 'open') return null;
      return { windowMs: Math.max(0, nowMs - call.atProgramTimeMs) };
    });
  }

  /**
   * Gives a call another window, also when it has ended and answers are still on their way.
   *
   * @param windowMs the whole of it, from the call's own time
   * @throws {RollCallError} `unknown-call` (404), `call-over` (409)
   * @throws {LedgerError} `ledger-unavailable` (503)
   */
  async extend(channel: string, callId: string, windowMs: number): Promise<StoredCall> {
    const nowMs = this.#deps.nowMs();
    return this.#change(channel, callId, (call, isNewest) => {
      if (!isNewest || callPhase(call, nowMs) === 'over') return null;
      // A window that has ended already would take back what students were promised.
      return { windowMs: Math.max(windowMs, nowMs - call.atProgramTimeMs) };
    });
  }

  async #change(channel: string, callId: string, decide: CallDecision): Promise<StoredCall> {
    const { ledger, onChange } = this.#deps;
    let isThere = false;
    const changed = await ledger.changeCall(channel, callId, (call, isNewest) => {
      isThere = true;
      return decide(call, isNewest);
    });
    if (changed !== null) {
      onChange(changed);
      return changed;
    }
    if (!isThere) throw unknownCall(channel, callId);
    throw new RollCallError(`channel ${channel}: call ${callId} is over`, { code: 'call-over', status: 409 });
  }
}

/** The error for a call that a channel does not have. */
export function unknownCall(channel: string, callId: string): RollCallError {
  return new RollCallError(`channel ${channel}: no call ${JSON.stringify(callId.slice(0, 40))}`, {
    ...{ code: 'unknown-call', status: 404 },
  });
}

/** Times first, so that ids sort as calls do; then enough chance that no two gateways make the same. */
function newCallId(nowMs: number): string {
  return `${Math.floor(nowMs).toString(36)}${randomBytes(6).toString('hex')}`;
}
