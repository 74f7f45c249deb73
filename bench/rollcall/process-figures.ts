import { readFileSync } from 'node:fs';

/** Memory of a process that is in RAM, bytes. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/** Files, sockets among them, that a process may have open. */
export function openFilesAllowed(pid: number | 'self'): number {
  const most = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  return most === 'unlimited' ? Number.POSITIVE_INFINITY : Number(most);
}
