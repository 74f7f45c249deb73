import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type CgroupPaths, levelsOf, readCfsQuota, readCgroupPaths, readCpuMax } from './cgroup.ts';

/** The processor, as far as this process may use it. */
export type UsableCores = {
  /** May be a fraction. */
  readonly cores: number;
  /** Numbers of the processors that it may run on; null where the system does not tell. */
  readonly cpus: ReadonlySet<number> | null;
  /** What sets the limit. */
  readonly limit: 'processors' | 'affinity' | 'cgroup';
};

/** Reads a file of the system. @returns null where there is none */
export type ReadText = (path: string) => string | null;

const CGROUP_ROOT = '/sys/fs/cgroup';
/** Version 1 mounts its controller `cpu` alone or together with `cpuacct`. */
const V1_FOLDERS = ['cpu', 'cpu,cpuacct', 'cpuacct,cpu'] as const;

/**
 * Finds out how many cores this process may use: its processors, its affinity (cpuset included), and the quotas of its cgroup and
 * of all above it, in both versions. Never throws: what the system does not tell is no limit.
 *
 * @param read reads a file; the real ones when left out
 * @param processors of the machine that this process may run on, where the system has no file that says so
 */
export function usableCores(
  read: ReadText = readSystemFile,
  processors: number = availableParallelism(),
): UsableCores {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status') ?? '')?.[1];
  const cpus = list === undefined ? null : readCpuList(list);
  const allowed = cpus === null || cpus.size === 0 ? processors : cpus.size;
  const quota = Math.min(...quotas(readCgroupPaths(read('/proc/self/cgroup') ?? ''), read));
  if (quota < allowed) return { cores: quota, cpus, limit: 'cgroup' };
  return { cores: allowed, cpus, limit: allowed < processors ? 'affinity' : 'processors' };
}

/** All quotas that hold for a cgroup, in cores; infinity where there is none. A container sees its own cgroup as the root. */
function quotas({ unified, cpu }: CgroupPaths, read: ReadText): number[] {
  const found: (number | null)[] = [];
  for (const level of levelsOf(unified ?? '/')) {
    found.push(readCpuMax(read(join(CGROUP_ROOT, level, 'cpu.max')) ?? ''));
  }
  for (const folder of cpu === null ? [] : V1_FOLDERS) {
    for (const level of levelsOf(cpu ?? '/')) {
      const at = join(CGROUP_ROOT, folder, level);
      found.push(
        readCfsQuota(read(join(at, 'cpu.cfs_quota_us')) ?? '', read(join(at, 'cpu.cfs_period_us')) ?? ''),
      );
    }
  }
  return [Number.POSITIVE_INFINITY, ...found.filter((cores) => cores !== null)];
}

/**
 * Reads a list of processors as the kernel writes it: `0-2,8`. Pure.
 *
 * @returns their numbers; empty for what cannot be read
 * @see cpuset(7), "List format"
 */
export function readCpuList(text: string): Set<number> {
  const numbers = new Set<number>();
  for (const range of text.trim().split(',')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range);
    if (match === null) return new Set();
    const first = Number(match[1]);
    for (let cpu = first; cpu <= Number(match[2] ?? first); cpu++) numbers.add(cpu);
  }
  return numbers;
}

/** Reads a small text file of the system. @returns null where it cannot be read */
export function readSystemFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
