import { type MachineReading, readPressure, readProcessTime, readProcStat } from './machine-load.ts';
import { type ReadText, readSystemFile } from './usable-cores.ts';

/**
 * Reads the counters of the machine now. Never throws: what the system does not tell, such as on macOS, is null.
 *
 * @param pids process ids of the ffmpegs of this worker
 */
export function readMachine(pids: Iterable<number>, read: ReadText = readSystemFile): MachineReading {
  const own = process.cpuUsage();
  const ffmpegMs = new Map<number, number>();
  for (const pid of pids) {
    const timeMs = readProcessTime(read(`/proc/${pid}/stat`) ?? '');
    if (timeMs !== null) ffmpegMs.set(pid, timeMs);
  }
  return {
    atMs: performance.now(),
    cpus: readProcStat(read('/proc/stat') ?? ''),
    ownMs: (own.user + own.system) / 1000,
    ffmpegMs,
    pressure: readPressure(read('/proc/pressure/cpu') ?? ''),
  };
}
