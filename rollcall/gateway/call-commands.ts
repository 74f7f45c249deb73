import { randomBytes } from 'node:crypto';
import type { CallDecision, Ledger, StoredCall } from '../ledger/ledger.ts';
import { callPhase, type Question } from '../protocol/call.ts';
import { RollCallError, unknownCall } from '../roll-call-error.ts';

/** What executing commands needs. */
export type CallCommandsDeps = {
  readonly ledger: Pick<Ledger, 'openCall' | 'changeCall'>;
  readonly nowMs: () => number;
  /** The broadcast that is on air on a channel; null where none is known. */
  broadcastOf(channel: string): StoredCall['broadcast'];
  /** Told of each call that a command has opened or changed. */
  onChange(call: StoredCall): void;
};

/** Opens, closes and extends calls, as teachers command. */
export class CallCommands {
  readonly #deps: CallCommandsDeps;

  constructor(deps: CallCommandsDeps) {
    this.#deps = deps;
  }

  /**
   * Opens a call at the present moment of the teacher's program date time.
   *
   * @param openedBy the teacher's id
   * @throws {RollCallError} `call-open` (409) while another call of the channel is open
   * @throws {LedgerError} `ledger-unavailable`, `ledger-not-durable` (503)
   */
  async open(channel: string, openedBy: string, question: Question): Promise<StoredCall> {
    const { ledger, nowMs, broadcastOf, onChange } = this.#deps;
    const atProgramTimeMs = nowMs();
    const call: StoredCall = {
      ...question,
      ...{ callId: newCallId(atProgramTimeMs), channel, atProgramTimeMs, openedBy },
      ...{ broadcast: broadcastOf(channel), settled: false },
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
   * Closes a call now. Students whose playheads are before this moment still hear it and may answer in time.
   *
   * @throws {RollCallError} `unknown-call` (404); `call-over` (409) when its window has ended
   * @throws {LedgerError} `ledger-unavailable`, `ledger-not-durable` (503)
   */
  async close(channel: string, callId: string): Promise<StoredCall> {
    const nowMs = this.#deps.nowMs();
    return this.#change(channel, callId, (call) => {
      if (callPhase(call, nowMs) !== 'open') return null;
      return { windowMs: Math.max(0, nowMs - call.atProgramTimeMs) };
    });
  }

  /**
   * Changes the window of the newest call, also during its grace.
   *
   * @param windowMs the whole window, from the call's program date time; never shorter than what has passed already
   * @throws {RollCallError} `unknown-call` (404); `call-over` (409) after the grace, and for an older call
   * @throws {LedgerError} `ledger-unavailable`, `ledger-not-durable` (503)
   */
  async extend(channel: string, callId: string, windowMs: number): Promise<StoredCall> {
    const nowMs = this.#deps.nowMs();
    return this.#change(channel, callId, (call, isNewest) => {
      if (!isNewest || callPhase(call, nowMs) === 'over') return null;
      // A window that ended in the past would take back what students were promised.
      return { windowMs: Math.max(windowMs, nowMs - call.atProgramTimeMs) };
    });
  }

  async #change(channel: string, callId: string, decide: CallDecision): Promise<StoredCall> {
    const { ledger, onChange } = this.#deps;
    let exists = false;
    const changed = await ledger.changeCall(channel, callId, (call, isNewest) => {
      exists = true;
      return decide(call, isNewest);
    });
    if (changed !== null) {
      onChange(changed);
      return changed;
    }
    if (!exists) throw unknownCall(channel, callId);
    throw new RollCallError(`channel ${channel}: call ${callId} is over`, { code: 'call-over', status: 409 });
  }
}

/** Begins with the time, so that ids sort as calls do; its random part differs between gateways. */
function newCallId(nowMs: number): string {
  return `${Math.floor(nowMs).toString(36)}${randomBytes(6).toString('hex')}`;
}
