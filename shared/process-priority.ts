import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/**
 * What a process works for, the most urgent first. `live` is a process that answers viewers; `background` is everything that
 * nobody waits for at the live edge, such as storyboards.
 */
export const WORKS = ['sound', 'lowest-rung', 'live', 'upper-rung', 'roll-call', 'background'] as const;
/** One of {@link WORKS}. */
export type Work = (typeof WORKS)[number];

/** The nice value of a process, by what it works for: less is more urgent, from -20 to 19. */
export type WorkPriority = {
  /** Where the system allows Lectern to raise its priority. */
  readonly raised: number;
  /**
   * Where it does not: added to the nice value that Lectern was started with. The steps are small, because each of them is
   * given away to strangers as well: a step of nice is a tenth of a core beside a busy process.
   */
  readonly step: number;
};

/** The order of all work on one machine. */
export const WORK_PRIORITIES: Readonly<Record<Work, WorkPriority>> = {
  sound: { raised: -10, step: 0 },
  'lowest-rung': { raised: -8, step: 0 },
  live: { raised: -7, step: 0 },
  'upper-rung': { raised: -5, step: 1 },
  'roll-call': { raised: -3, step: 1 },
  background: { raised: 10, step: 10 },
};

const LEAST_URGENT = 19;

/** Whether this process was allowed to raise its priority; children may be raised only then. */
let isRaised = false;

/**
 * The nice value for some work.
 *
 * @param ownNice of this process, -20 to 19
 * @param raised whether this process was allowed to raise its priority
 */
export function niceFor(work: Work, ownNice: number, raised: boolean): number {
  const priority = WORK_PRIORITIES[work];
  return raised ? priority.raised : Math.min(LEAST_URGENT, ownNice + priority.step);
}

/**
 * Raises the priority of this process, which its children inherit. It needs root or CAP_SYS_NICE.
 *
 * @returns whether the system allowed it; if not, the priority is unchanged
 */
export function raiseProcess(work: Work): boolean {
  try {
    // The most urgent value first: a limit (RLIMIT_NICE) that ends between two of them would reverse their order.
    setPriority(0, WORK_PRIORITIES.sound.raised);
    setThreads(process.pid, WORK_PRIORITIES[work].raised);
    isRaised = true;
  } catch {
    return false;
  }
  return true;
}

/**
 * Gives a child process the priority of its work. To be called right after its start: threads that it starts later inherit
 * the priority. Where the system does not allow it, the priority is unchanged; it never throws.
 *
 * @param pid process id; a thread id of Linux sets that thread alone when it is not a process's first
 */
export function setWorkPriority(pid: number, work: Work): void {
  try {
    setThreads(pid, niceFor(work, getPriority(0), isRaised));
  } catch {
    // The process is over, or it is not ours.
  }
}

/** On Linux a nice value belongs to a thread, not to a process. */
function setThreads(pid: number, nice: number): void {
  for (const id of threadsOf(pid)) {
    try {
      setPriority(id, nice);
    } catch (error) {
      // A thread may end meanwhile.
      if (id === pid) throw error;
    }
  }
}

function threadsOf(pid: number): readonly number[] {
  try {
    const ids = readdirSync(`/proc/${pid}/task`).map(Number);
    return ids.includes(pid) ? ids : [pid];
  } catch {
    return [pid];
  }
}
