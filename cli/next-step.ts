import type { ErrorCode } from '../shared/error-codes.ts';

/** What to do next about an error at the start, where its message does not say so itself. */
const NEXT_STEPS: Partial<Record<ErrorCode, string>> = {
  'no-config-file': 'name another file with --config or LECTERN_CONFIG, or leave both out for the defaults',
  'bad-config': 'correct each line above, then: ./lectern config check FILE (every key: docs/operating.md)',
  'bad-data-dir': 'let this user write to the folder, or name another one with dataDir or LECTERN_DATA_DIR',
  'spool-failed': 'let this user write to the folder, or name another one with dataDir or LECTERN_DATA_DIR',
  'queue-unavailable':
    'start Redis, or correct redisUrl or REDIS_URL; without it all roles run in one process',
  'ledger-unavailable':
    'start Redis, or correct redisUrl or REDIS_URL; without it all roles run in one process',
  'ledger-not-durable': 'set "appendonly yes" and "appendfsync always" in the configuration of Redis',
  'store-unavailable': 'start the store, or correct store.s3.endpoint or LECTERN_S3_ENDPOINT',
  'store-denied':
    'correct store.s3.accessKey and secretKey, and let them read, write, list and delete in the bucket',
  'no-such-bucket': 'create the bucket, or correct store.s3.bucket',
  'store-full': 'make room in the store, or lower archive.keepDays',
};

/**
 * What an operator does next about an error at the start.
 *
 * @returns a line without its end; null where the message says all there is to say
 */
export function nextStep(code: ErrorCode): string | null {
  return NEXT_STEPS[code] ?? null;
}
