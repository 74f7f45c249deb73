import { isRecord } from '../../protocol/checked.ts';

/** What Redis answers. */
export type RedisReply = string | number | null | readonly RedisReply[];

/** Takes an answer for what it is; bytes are read as UTF-8, and what is unknown is null. */
export function asReply(value: unknown): RedisReply {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value;
  if (Array.isArray(value)) return value.map(asReply);
  return Buffer.isBuffer(value) ? value.toString('utf8') : null;
}

/** The texts of a list; [] for what is none. */
export function textsOf(reply: RedisReply): string[] {
  return Array.isArray(reply) ? reply.filter((item) => typeof item === 'string') : [];
}

/** A list of names and values, by name. */
export function pairsOf(reply: RedisReply): Map<string, string> {
  const texts = textsOf(reply);
  const pairs = new Map<string, string>();
  for (let i = 0; i + 1 < texts.length; i += 2) pairs.set(texts[i] ?? '', texts[i + 1] ?? '');
  return pairs;
}

/** Reads an object that was written as JSON; null for what is none. */
export function parsed<T>(text: string, read: (raw: Record<string, unknown>) => T | null): T | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? read(value) : null;
  } catch {
    return null;
  }
}
