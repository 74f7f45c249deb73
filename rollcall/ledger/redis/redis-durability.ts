/** The settings of Redis by which it keeps, or may lose, what it has answered. */
export const DURABLE_SETTINGS: readonly string[] = [
  ...['appendonly', 'appendfsync', 'no-appendfsync-on-rewrite', 'maxmemory', 'maxmemory-policy'],
];

/**
 * Tells by which of its settings Redis may lose what it has answered. What it did not tell is not held against it.
 *
 * @param settings by name: those of {@link DURABLE_SETTINGS}
 * @returns what is set and what is wanted, in words; null when all is kept
 * @see Redis persistence, "appendfsync always: fsync every time new commands are appended to the AOF. Very very slow, very safe."
 */
export function durabilityFault(settings: ReadonlyMap<string, string>): string | null {
  const [appendOnly, fsync] = [settings.get('appendonly'), settings.get('appendfsync')];
  if (appendOnly !== 'yes' || fsync !== 'always') {
    return `Redis has appendonly ${appendOnly} and appendfsync ${fsync}: set "appendonly yes" and "appendfsync always", or answers may be lost`;
  }
  // While it rewrites its file it flushes nothing then, whatever appendfsync says.
  if (settings.get('no-appendfsync-on-rewrite') === 'yes') {
    return 'Redis has no-appendfsync-on-rewrite yes: set it to no, or answers may be lost while it rewrites its file';
  }
  const [most, policy = 'noeviction'] = [settings.get('maxmemory') ?? '0', settings.get('maxmemory-policy')];
  if (most !== '0' && policy !== 'noeviction') {
    return `Redis has maxmemory ${most} and maxmemory-policy ${policy}: set "maxmemory-policy noeviction", or answers are lost when it is full`;
  }
  return null;
}
