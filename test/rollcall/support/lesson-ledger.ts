import { FileLedger } from '../../../rollcall/ledger/file/file-ledger.ts';
import type { Answer, Attendee, StoredCall } from '../../../rollcall/ledger/ledger.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { NOW_MS } from '../ledger/ledger.contract.ts';

/** A clock that a test sets. */
export type ManualClock = { nowMs: number };

/** A ledger of a test's own, with what a lesson needs. */
export type LessonLedger = {
  readonly ledger: FileLedger;
  readonly clock: ManualClock;
  /** Opens a call in `hall-7` at the clock's time: a window of 20 s, and 10 s of grace. */
  open(callId: string, change?: Partial<StoredCall>): Promise<StoredCall>;
  /** Records an answer to a call, at the clock's time. */
  answer(call: StoredCall, sub: string, name: string, change?: Partial<Answer>): Promise<void>;
  /** Notes that somebody watched minutes of `hall-7`, since the epoch, and waits until they count. */
  watch(attendee: Attendee, minutes: readonly number[]): Promise<void>;
  /** Puts a class list, as `[id, name]`. */
  roster(...entries: readonly (readonly [string, string])[]): Promise<void>;
  remove(): Promise<void>;
};

/** Starts a ledger on the disk, on a clock that begins at {@link NOW_MS}. */
export async function startLessonLedger(): Promise<LessonLedger> {
  const dir = makeTempDir();
  const clock = { nowMs: NOW_MS };
  const ledger = await FileLedger.open({
    ...{ dataDir: dir.path, keepDays: 7, nowMs: () => clock.nowMs, logger: silentLogger },
  });
  return {
    ledger,
    clock,
    open: async (callId, change = {}) => {
      const call: StoredCall = {
        ...{ callId, channel: 'hall-7', kind: 'presence', prompt: 'Who is here?', choices: [] },
        ...{ windowMs: 20_000, graceMs: 10_000, atProgramTimeMs: clock.nowMs, openedBy: 't' },
        ...{ broadcast: null, settled: false },
        ...change,
      };
      await ledger.openCall(call, clock.nowMs);
      return call;
    },
    answer: async ({ callId, channel }, sub, name, change = {}) => {
      const { nowMs } = clock;
      const answer: Answer = {
        ...{ callId, channel, sub, name, rosterId: null, answerId: `answer-${callId}-${sub}`, value: null },
        ...{ status: 'present', reactionMs: 500, tapProgramTimeMs: nowMs, latencyMs: 0, stalled: false },
        ...{ receivedMs: nowMs, ...change },
      };
      await ledger.record([answer]);
    },
    watch: async (attendee, minutes) => {
      ledger.noteWatched(
        'hall-7',
        minutes.map((minute) => ({ ...attendee, minute })),
      );
      const [from, to] = [Math.min(...minutes), Math.max(...minutes)];
      await waitFor('her minutes', async () => {
        for await (const watcher of ledger.watchers('hall-7', from, to)) {
          if (watcher.sub === attendee.sub && watcher.minutes.length >= minutes.length) return true;
        }
        return false;
      });
    },
    roster: (...entries) =>
      ledger.putRoster(
        'hall-7',
        entries.map(([id, name]) => ({ id, name, group: '7-1' })),
      ),
    remove: async () => {
      await ledger.close();
      dir.remove();
    },
  };
}
