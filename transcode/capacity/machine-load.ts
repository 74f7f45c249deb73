/** Counters of the machine's processors and of our processes at one moment. */
export type MachineReading = {
  /** Milliseconds of a steady clock. */
  readonly atMs: number;
  /** By number of the processor; null where the system does not tell. */
  readonly cpus: ReadonlyMap<number, CpuTicks> | null;
  /** CPU time of this process, milliseconds. */
  readonly ownMs: number;
  /** CPU time of each ffmpeg by its process id, milliseconds. */
  readonly ffmpegMs: ReadonlyMap<number, number>;
  /** Share of the last 10 s in which somebody waited for a processor, 0 to 1; null where the system does not tell. */
  readonly pressure: number | null;
};

/** Ticks since the start of the machine; only their ratios are used. */
export type CpuTicks = { readonly total: number; readonly idle: number; readonly stolen: number };

/** What was done with the processors between two readings. */
export type MachineLoad = {
  /** Cores that nobody used; null where the system does not tell. */
  readonly idleCores: number | null;
  /** Cores that the hypervisor gave to other machines. */
  readonly stolenCores: number;
  /** Cores that this process used, without its ffmpegs. */
  readonly ownCores: number;
  /** Cores that its ffmpegs used. */
  readonly ffmpegCores: number;
  readonly pressure: number | null;
};

/** Clock ticks a second in `/proc` (USER_HZ): 100 on every Linux that Node.js runs on. */
const TICK_MS = 10;

/**
 * Reads `/proc/stat`. Pure.
 *
 * @returns one entry a processor; null where the text has none
 * @see proc_stat(5)
 */
export function readProcStat(text: string): Map<number, CpuTicks> | null {
  const cpus = new Map<number, CpuTicks>();
  for (const match of text.matchAll(/^cpu(\d+) ([\d ]+)$/gm)) {
    // user nice system idle iowait irq softirq steal guest guest_nice; guests are counted in user and nice already.
    const fields = (match[2] ?? '').trim().split(/\s+/).slice(0, 8).map(Number);
    const [idle = 0, waiting = 0] = fields.slice(3);
    cpus.set(Number(match[1]), {
      total: fields.reduce((sum, ticks) => sum + ticks, 0),
      idle: idle + waiting,
      stolen: fields[7] ?? 0,
    });
  }
  return cpus.size === 0 ? null : cpus;
}

/**
 * Reads the CPU time of a process out of `/proc/PID/stat`. Pure.
 *
 * @returns milliseconds; null for what cannot be read
 * @see proc_pid_stat(5): utime (14) and stime (15)
 */
export function readProcessTime(text: string): number | null {
  // The name in parentheses may contain anything, spaces and parentheses too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * TICK_MS : null;
}

/**
 * Reads `/proc/pressure/cpu`. Pure.
 *
 * @returns 0 to 1, see {@link MachineReading.pressure}
 * @see Linux, Documentation/accounting/psi.rst
 */
export function readPressure(text: string): number | null {
  const percent = /^some avg10=([\d.]+)/m.exec(text)?.[1];
  return percent === undefined ? null : Number(percent) / 100;
}

/**
 * The load between two readings. Pure.
 *
 * @param cpus the processors that count; null for all
 */
export function loadBetween(
  from: MachineReading,
  to: MachineReading,
  cpus: ReadonlySet<number> | null,
): MachineLoad {
  const wallMs = Math.max(1, to.atMs - from.atMs);
  let idle = 0;
  let stolen = 0;
  for (const [cpu, now] of to.cpus ?? []) {
    const before = from.cpus?.get(cpu);
    if (before === undefined || now.total <= before.total || cpus?.has(cpu) === false) continue;
    idle += (now.idle - before.idle) / (now.total - before.total);
    stolen += (now.stolen - before.stolen) / (now.total - before.total);
  }
  return {
    idleCores: from.cpus === null || to.cpus === null ? null : Math.max(0, idle),
    stolenCores: Math.max(0, stolen),
    ownCores: Math.max(0, to.ownMs - from.ownMs) / wallMs,
    ffmpegCores: usedBetween(from, to, to.ffmpegMs.keys()),
    pressure: to.pressure,
  };
}

/** Cores that some ffmpegs used between two readings; one that has started meanwhile counts whole. Pure. */
export function usedBetween(from: MachineReading, to: MachineReading, pids: Iterable<number>): number {
  const wallMs = Math.max(1, to.atMs - from.atMs);
  let usedMs = 0;
  for (const pid of pids) {
    usedMs += Math.max(0, (to.ffmpegMs.get(pid) ?? 0) - (from.ffmpegMs.get(pid) ?? 0));
  }
  return usedMs / wallMs;
}
