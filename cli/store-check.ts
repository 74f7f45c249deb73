import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { LecternConfig } from '../config/schema.ts';
import { compareArchive } from '../origin/broadcasts/compare-archive.ts';
import { openStore } from '../origin/store/open-store.ts';
import { askClockAheadMs } from '../origin/store/server-clock.ts';
import { type Trial, tryStore } from '../origin/store/try-store.ts';
import { AppError, describeError } from '../shared/errors.ts';
import { silentLogger } from '../shared/logger.ts';
import { type ObjectStore, StoreError } from '../shared/object-store.ts';
import { nextStep } from './next-step.ts';

/** What is checked. */
export type StoreCheckOptions = {
  /** Also compares the index of each broadcast with the objects. */
  readonly isDeep: boolean;
  /** For that: one channel only; all when it is left out. */
  readonly channel?: string | undefined;
};

/** A clock that is further off is worth a word, milliseconds; S3 refuses requests at 15 minutes. */
const CLOCK_MS = 60_000;
/** The objects of the trials make several pages. */
const PAGE_KEYS = 2;

/**
 * Tries the store of a configuration as the archive uses it, and says in plain lines what works, what does not, and what to do then.
 * What it writes it deletes again; the comparison changes nothing.
 *
 * @param config dataDir is absolute
 * @param say called with each line, without its end
 * @throws {StoreError} `store-check-failed` (500) when something does not work
 */
export async function checkStore(
  config: Pick<LecternConfig, 'dataDir' | 'store'>,
  { isDeep, channel }: StoreCheckOptions,
  say: (line: string) => void,
): Promise<void> {
  for (const line of await placeLines(config)) say(line);
  const failed: string[] = [];
  const fail = (name: string, error: unknown, right?: string): void => {
    failed.push(name);
    say(`fails      ${name}: ${describeError(error)}`);
    const step = stepFor(error, right);
    if (step !== null) say(`           ${step}`);
  };
  const notes = new Set<string>();
  let store: ObjectStore;
  try {
    const options = { pageKeys: PAGE_KEYS, onFallback: (line: string) => void notes.add(line) };
    store = await openStore(config, silentLogger, options);
  } catch (error) {
    fail('open', error);
    throw failure(failed);
  }
  let hasWritten = true;
  try {
    for await (const { name, right, error } of tryStore(store, `check/${randomBytes(8).toString('hex')}`)) {
      if (error !== null) fail(name, error, right);
      else say(`works      ${name}`);
      if (name === 'write' && error !== null) hasWritten = false;
    }
  } finally {
    await store.close();
  }
  for (const note of notes) say(`note       ${note}`);
  if (!hasWritten) say('not tried  all else: it needs an object that was written');
  else if (isDeep && !(await isWhole(config, channel, say, fail))) failed.push('what the index lists');
  if (failed.length > 0) throw failure(failed);
  say('The store works.');
}

/** Where the store is, and how it is asked. */
async function placeLines({ dataDir, store }: Pick<LecternConfig, 'dataDir' | 'store'>): Promise<string[]> {
  const { s3 } = store;
  if (s3 === undefined) return [`store      files in ${join(dataDir, 'store')}`];
  const { endpoint, bucket, prefix, pathStyle } = s3;
  const { protocol, host } = new URL(endpoint);
  const url = pathStyle ? `${protocol}//${host}/${bucket}` : `${protocol}//${bucket}.${host}`;
  const lines = [
    `store      ${url}/${prefix}${prefix === '' ? '' : '/'} (${pathStyle ? 'path style' : 'virtual-host style'})`,
  ];
  const aheadMs = await askClockAheadMs(endpoint, Date.now);
  if (aheadMs === null) return [...lines, 'clock      the server does not say its time'];
  if (Math.abs(aheadMs) < CLOCK_MS) return [...lines, 'clock      agrees with the server'];
  const off = `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the server`;
  return [
    ...lines,
    `clock      this machine is ${off}: set it, best by NTP; from 15 minutes on S3 refuses every request`,
  ];
}

/** What to do about an error; null where its message says it. */
function stepFor(error: unknown, right: string | undefined): string | null {
  if (!(error instanceof AppError)) return null;
  if (error.code === 'store-check-failed')
    return 'something between Lectern and the store changes answers, or the store is no whole S3: ask without a proxy or cache';
  if (error.code === 'store-denied' && right !== undefined)
    return `if the message names no setting: allow ${right} to the access key`;
  return nextStep(error.code);
}

/** Compares the index with the objects. @returns false where they differ */
async function isWhole(
  config: Pick<LecternConfig, 'dataDir' | 'store'>,
  channel: string | undefined,
  say: (line: string) => void,
  fail: (name: string, error: unknown) => void,
): Promise<boolean> {
  const store = await openStore(config, silentLogger);
  try {
    const found = await compareArchive(store, channel, Date.now(), say);
    const { broadcasts, segments, missing, extra, otherSize, unread } = found;
    say(
      `${broadcasts} broadcasts, ${segments} segments: ${missing} missing, ${extra} extra, ${otherSize} of another size, ${unread} broadcasts not read`,
    );
    if (missing + otherSize + extra > 0)
      say(
        '           ./lectern store rebuild makes the index what is there; what is missing is lost, and a gap',
      );
    return missing + extra + otherSize + unread === 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    fail('compare', error);
    return true;
  } finally {
    await store.close();
  }
}

function failure(failed: readonly Trial['name'][]): StoreError {
  return new StoreError(`the store does not do what Lectern needs: ${failed.join('; ')}`, {
    code: 'store-check-failed',
  });
}
