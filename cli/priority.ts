import { readFileSync, writeFileSync } from 'node:fs';
import type { Logger } from '../shared/logger.ts';
import { raiseProcess, type Work } from '../shared/process-priority.ts';
import type { RoleName } from '../shared/role.ts';

/** Linux: the nice value of this session as a whole (sched(7), "The autogroup feature"). */
const AUTOGROUP = '/proc/self/autogroup';
/** Twice the share of another session; more made a browser on the same machine run dry. */
const SESSION_NICE = -3;

/**
 * Raises the priority of this process, and of its session where Linux schedules by session: a picture that is encoded 0.2 s
 * late is late for every viewer. It needs root or CAP_SYS_NICE; without them the priority stays as it is.
 *
 * @returns whether the system allowed it
 */
export function raisePriority(logger: Logger, work: Work): boolean {
  if (!raiseProcess(work)) {
    logger.debug({}, 'no permission to raise the priority; running at the ordinary one');
    return false;
  }
  raiseSession();
  return true;
}

/** What a process works for: its most urgent role decides, but an origin's viewers come after sound and the lowest rung. */
export function workOf(roles: readonly RoleName[]): Work {
  if (roles.includes('origin')) return 'live';
  // These carry the sound of every class, and take little of the processor themselves.
  if (roles.includes('ingest') || roles.includes('transcode')) return 'sound';
  return 'roll-call';
}

/** Within a session nice values are compared; between sessions only the sessions' own. */
function raiseSession(): void {
  try {
    const before = Number(/ nice (-?\d+)/.exec(readFileSync(AUTOGROUP, 'utf8'))?.[1] ?? 0);
    if (before <= SESSION_NICE) return;
    writeFileSync(AUTOGROUP, String(SESSION_NICE));
    // The session may be a terminal's, which goes on after this process.
    process.once('exit', () => {
      try {
        writeFileSync(AUTOGROUP, String(before));
      } catch {
        // It stays raised until the session ends.
      }
    });
  } catch {
    // Not Linux, no autogroups, or not allowed in this container: the processes' own values count.
  }
}
