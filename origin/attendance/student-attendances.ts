import { backgroundTurns } from '../../shared/background-turns.ts';
import { getIfThere, type ObjectStore } from '../../shared/object-store.ts';
import { attendancePrefix } from '../archive/archive-keys.ts';
import { findRows, joinRows } from './attendance-rows.ts';

/** The rows of one student in a stored attendance. */
export type StudentAttendance = { readonly broadcastId: string; readonly rows: readonly unknown[] };

/** How often an attendance is written that the roll call writes at the same time. */
const MAX_TRIES = 5;

/** What the stored attendances of a channel say of one student, by the id of her row: her number, or her `sub`. */
export class StudentAttendances {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Finds her rows. @throws {StoreError} `store-unavailable` (503) */
  async find(channel: string, id: string): Promise<readonly StudentAttendance[]> {
    return this.#each(channel, async (key) => (await this.#split(key, id))?.gone ?? []);
  }

  /**
   * Takes her out of each attendance.
   *
   * @returns what they said of her
   * @throws {StoreError} `store-unavailable` (503), or a refusal: she may still be in some
   */
  async erase(channel: string, id: string): Promise<readonly StudentAttendance[]> {
    return this.#each(channel, async (key) => {
      const erased: unknown[] = [];
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const split = await this.#split(key, id);
        if (split === null || split.gone.length === 0) break;
        await this.#store.put(key, split.left);
        erased.push(...(tries === 0 ? split.gone : []));
      }
      return erased;
    });
  }

  async #each(
    channel: string,
    rowsOf: (key: string) => Promise<readonly unknown[]>,
  ): Promise<readonly StudentAttendance[]> {
    const prefix = attendancePrefix(channel);
    const keys: string[] = [];
    for await (const { key } of this.#store.list(prefix)) keys.push(key);
    const found: StudentAttendance[] = [];
    let failure: Error | undefined;
    for (const key of keys) {
      try {
        const rows = await rowsOf(key);
        if (rows.length > 0) found.push({ broadcastId: key.slice(prefix.length, -'.json'.length), rows });
      } catch (error) {
        // The others are still looked at.
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
    }
    if (failure !== undefined) throw failure;
    return found;
  }

  /** Her rows, and the attendance without them; null where there is none. */
  async #split(key: string, id: string): Promise<{ readonly gone: unknown[]; readonly left: Buffer } | null> {
    const json = await getIfThere(this.#store, key);
    if (json === null) return null;
    const found = await backgroundTurns.runSteps('download', findRows(json));
    if (found === null) return null;
    // A row that does not have her id as text cannot be hers.
    const quoted = Buffer.from(JSON.stringify(id));
    const gone: unknown[] = [];
    const rows = found.rows.filter((row) => {
      if (!row.includes(quoted)) return true;
      const value: unknown = JSON.parse(row.toString('utf8'));
      const isHers = typeof value === 'object' && value !== null && 'id' in value && value.id === id;
      if (isHers) gone.push(value);
      return !isHers;
    });
    return { gone, left: joinRows(found, rows) };
  }
}
