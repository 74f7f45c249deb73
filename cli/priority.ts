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
  const putBack = raiseSession(OWN_SESSION);
  if (putBack !== null) process.once('exit', putBack);
  return true;
}

/** What a process works for: its most urgent role decides, but an origin's viewers come after sound and the lowest rung. */
export function workOf(roles: readonly RoleName[]): Work {
  if (roles.includes('origin')) return 'live';
  // These carry the sound of every class, and take little of the processor themselves.
  if (roles.includes('ingest') || roles.includes('transcode')) return 'sound';
  return 'roll-call';
}

/** The nice value of a session, as the kernel keeps it. */
export type SessionNice = {
  /** @throws where there is none: not Linux, or no autogroups */
  read(): number;
  /** @throws where it is not allowed */
  write(nice: number): void;
};

/**
 * Raises a session that nobody has raised or lowered: within a session nice values are compared, between sessions only the
 * sessions' own.
 *
 * @returns puts it back at the end, since the session may be a terminal's, which goes on; null where nothing was changed
 */
export function raiseSession(session: SessionNice): (() => void) | null {
  try {
    // Any other value is an operator's, or that of another Lectern in this terminal, which puts it back.
    if (session.read() !== 0) return null;
    session.write(SESSION_NICE);
  } catch {
    // Not Linux, no autogroups, or not allowed in this container: the processes' own values count.
    return null;
  }
  return () => {
    try {
      if (session.read() === SESSION_NICE) session.write(0);
    } catch {
      // It stays raised until the session ends.
    }
  };
}

/** That of this process's session. */
const OWN_SESSION: SessionNice = {
  read: () => Number(/ nice (-?\d+)/.exec(readFileSync(AUTOGROUP, 'utf8'))?.[1]),
  write: (nice) => writeFileSync(AUTOGROUP, String(nice)),
};
