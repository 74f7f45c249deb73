import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel says of a process. */
export type ProcessTimes = {
  readonly pid: number;
  readonly parentPid: number;
  readonly name: string;
  /** User and system time of itself and of the children it has waited for, in seconds. */
  readonly cpuS: number;
};

/** Clock ticks a second of /proc: 100 on every Linux that there is (sysconf _SC_CLK_TCK). */
const TICKS_A_SECOND = 100;

/**
 * Reads one line of /proc/{pid}/stat. Pure.
 *
 * @returns null where it is not such a line
 * @see proc(5)
 */
export function readProcessStat(text: string): ProcessTimes | null {
  // The name stands in parentheses and may hold any of them itself: the last one counts.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text
    .slice(close + 2)
    .trim()
    .split(/\s+/);
  const [, parentPid] = fields;
  const ticks = fields.slice(11, 15).map(Number);
  if (parentPid === undefined || ticks.length < 4 || ticks.some(Number.isNaN)) return null;
  const cpuS = ticks.reduce((sum, value) => sum + value, 0) / TICKS_A_SECOND;
  return {
    pid: Number(text.slice(0, open)),
    parentPid: Number(parentPid),
    name: text.slice(open + 1, close),
    cpuS,
  };
}

/** A process with all that it started. */
export function processTree(rootPid: number, all: readonly ProcessTimes[]): ProcessTimes[] {
  const tree = all.filter(({ pid }) => pid === rootPid);
  for (const member of tree) tree.push(...all.filter(({ parentPid }) => parentPid === member.pid));
  return tree;
}

/** All processes of this machine; empty where there is no /proc. */
export function listProcesses(): ProcessTimes[] {
  let names: string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      return readProcessStat(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
    } catch {
      // It has ended since.
      return [];
    }
  });
}

/**
 * Reads the first line of /proc/stat. Pure.
 *
 * @returns seconds since the start, of all cores together: `all` that ran, and `stolen` by the host of a virtual machine
 * @see proc(5)
 */
export function readMachineStat(text: string): { readonly all: number; readonly stolen: number } {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = text
    .slice(0, text.indexOf('\n'))
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { all: (user + nice + system + irq + softIrq) / TICKS_A_SECOND, stolen: steal / TICKS_A_SECOND };
}

/** The same of this machine; nothing where there is no /proc. */
export function machineCpuS(): CpuReading {
  try {
    return readMachineStat(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return {};
  }
}

/** CPU time so far of process classes, in seconds. */
export type CpuReading = Readonly<Record<string, number>>;

/**
 * Reads the CPU time of some process trees, told apart by class.
 *
 * @param roots process id by class
 * @param classOf may give a member of a tree a class of its own; by default it has its root's
 */
export function readCpu(
  roots: Readonly<Record<string, number>>,
  classOf: (name: string, root: string) => string = (_name, root) => root,
): CpuReading {
  const all = listProcesses();
  const sums: Record<string, number> = {};
  for (const [root, pid] of Object.entries(roots)) {
    for (const member of processTree(pid, all)) {
      const key = classOf(member.name, root);
      sums[key] = (sums[key] ?? 0) + member.cpuS;
    }
  }
  return sums;
}

/** Cores that each class kept busy between two readings. */
export function coresBetween(before: CpuReading, after: CpuReading, seconds: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([key, value]) => [key, Math.max(0, value - (before[key] ?? 0)) / seconds]),
  );
}
