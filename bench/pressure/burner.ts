import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { coresBetween, readCpu } from '../measure/cpu-time.ts';
import { isOnPath } from '../report/machine.ts';
import { startProgram } from '../start/program.ts';

/** How the burner competes: as any other program does, or ahead of all of them. */
export type BurnerKind = 'ordinary' | 'hard';

/** What takes cores away. */
export type Burner = {
  /** How it was started, for the notes. */
  readonly how: string;
  /** Cores that it got so far, on average since its start. */
  cores(): number;
  stop(): Promise<void>;
};

/**
 * Splits cores among programs of one thread each. Pure.
 *
 * @param cores 1.5 gives 1 and 0.5
 */
export function sharesOf(cores: number): number[] {
  const shares: number[] = [];
  for (let left = cores; left > 1e-6; left -= 1) shares.push(Math.min(1, left));
  return shares;
}

/**
 * Starts programs that keep cores busy.
 *
 * `ordinary` has nice 0 and a scheduling group of its own, as another service of the machine has: nice levels count within a group
 * only, so that the pipeline's raised priority does not push it aside. `hard` runs as SCHED_FIFO on a core of its own, where that is
 * permitted: that core is gone but for what the kernel reserves (5 %).
 *
 * @param cores number of cores to take, with a fraction
 */
export async function startBurner(cores: number, kind: BurnerKind): Promise<Burner> {
  const programs = sharesOf(cores).map((share) =>
    startProgram(join(import.meta.dirname, 'burner-program.ts'), { share }, null, true),
  );
  await Promise.all(programs.map((program) => program.next('started')));
  const pids = programs.map(({ pid }) => pid);
  const how = kind === 'hard' ? pids.map(goFirst).join(', ') : pids.map(goApart).join(', ');
  const roots = Object.fromEntries(pids.map((pid) => [String(pid), pid]));
  const startMs = Date.now();
  const before = readCpu(roots);
  return {
    how: `${cores} cores: ${how}`,
    cores: () =>
      Object.values(coresBetween(before, readCpu(roots), (Date.now() - startMs) / 1000)).reduce(
        (sum, value) => sum + value,
        0,
      ),
    stop: async () => {
      // It hears a signal between two turns only.
      await Promise.all(programs.map((program) => program.stop()));
    },
  };
}

function goFirst(pid: number, index: number): string {
  if (!isOnPath('chrt') || !isOnPath('taskset')) return 'ordinary, since chrt or taskset is missing';
  try {
    execFileSync('taskset', ['-apc', String(index % cpus().length), String(pid)], { stdio: 'ignore' });
    execFileSync('chrt', ['-a', '-f', '-p', '1', String(pid)], { stdio: 'ignore' });
    return `SCHED_FIFO on core ${index % cpus().length}`;
  } catch {
    return 'ordinary, since SCHED_FIFO is not permitted';
  }
}

function goApart(pid: number): string {
  return existsSync(`/proc/${pid}/autogroup`) ? 'nice 0, a session of its own' : 'nice 0';
}
