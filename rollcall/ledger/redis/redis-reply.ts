import { isRecord } from '../../protocol/checked.ts';

/** A reply of Redis. */
export type RedisReply = string | number | null | readonly RedisReply[];

/** Narrows a reply; bytes are read as UTF-8, and values of other types become null. */
export function asReply(value: unknown): RedisReply {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value;
  if (Array.isArray(value)) return value.map(asReply);
  return Buffer.isBuffer(value) ? value.toString('utf8') : null;
}

/** The strings of a list; [] for any other reply. */
export function textsOf(reply: RedisReply): string[] {
  return Array.isArray(reply) ? reply.filter((item) => typeof item === 'string') : [];
}

/** A list of alternating names and values, by name. */
export function pairsOf(reply: RedisReply): Map<string, string> {
  const texts = textsOf(reply);
  const pairs = new Map<string, string>();
  for (let i = 0; i + 1 < texts.length; i += 2) pairs.set(texts[i] ?? '', texts[i + 1] ?? '');
  return pairs;
}

/** Reads a JSON object; null for any other text. */
export function parsed<T>(text: string, read: (raw: Record<string, unknown>) => T | null): T | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? read(value) : null;
  } catch {
    return null;
  }
}

/** Whether an error is an error reply of Redis, not a reply that did not come. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
