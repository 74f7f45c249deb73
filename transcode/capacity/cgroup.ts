/** Where a process stands in the trees of cgroups. */
export type CgroupPaths = {
  /** In the tree of version 2, such as `/system.slice/lectern.service`; null where it has none. */
  readonly unified: string | null;
  /** In version 1's tree of the controller `cpu`; null where it has none. */
  readonly cpu: string | null;
};

/**
 * Reads `/proc/self/cgroup`. Pure.
 *
 * @see cgroups(7), "/proc files"
 */
export function readCgroupPaths(text: string): CgroupPaths {
  let unified: string | null = null;
  let cpu: string | null = null;
  for (const line of text.split('\n')) {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    if (match === null) continue;
    const [, id, controllers = '', path = '/'] = match;
    if (id === '0' && controllers === '') unified = path;
    else if (controllers.split(',').includes('cpu')) cpu = path;
  }
  return { unified, cpu };
}

/**
 * A cgroup's path and those above it, the root last: a limit at any level holds. Pure.
 *
 * @param path as in {@link CgroupPaths}
 */
export function levelsOf(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '..');
  return [...names.map((_, i) => `/${names.slice(0, names.length - i).join('/')}`), '/'];
}

/**
 * Reads `cpu.max` of version 2: `150000 100000` are 1.5 cores. Pure.
 *
 * @returns cores; null for `max`, and for what cannot be read
 * @see Linux, Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files"
 */
export function readCpuMax(text: string): number | null {
  const match = /^(\d+) (\d+)\s*$/.exec(text);
  return match === null ? null : share(Number(match[1]), Number(match[2]));
}

/**
 * Reads `cpu.cfs_quota_us` and `cpu.cfs_period_us` of version 1. Pure.
 *
 * @returns cores; null for the quota -1, which is none, and for what cannot be read
 * @see Linux, Documentation/scheduler/sched-bwc.rst
 */
export function readCfsQuota(quota: string, period: string): number | null {
  if (!/^\d+\s*$/.test(quota) || !/^\d+\s*$/.test(period)) return null;
  return share(Number(quota), Number(period));
}

function share(quotaUs: number, periodUs: number): number | null {
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : null;
}
