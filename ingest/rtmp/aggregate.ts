import { ByteCursor } from '../../media/flv/byte-cursor.ts';
import type { ChunkMessage } from './chunk-reader.ts';

const PERIOD_MS = 2 ** 32;
/** Type 1, size 3, timestamp 3, its highest byte 1, stream id 3. */
const HEADER_BYTES = 11;
const BACK_POINTER_BYTES = 4;

/**
 * Takes an aggregate message apart (RTMP 1.0 §7.1.6). The time of its first message stands for its own; the message stream is its
 * own as well.
 *
 * Back pointers are passed over whatever they say, and may be missing: their highest byte is 0, which is no message type. A message
 * that is cut off ends it.
 *
 * @param aggregate of type 22
 * @returns its messages, in order; their payload is borrowed
 */
export function messagesOfAggregate(aggregate: ChunkMessage): readonly ChunkMessage[] {
  const cursor = new ByteCursor(aggregate.payload);
  const messages: ChunkMessage[] = [];
  let firstMs: number | null = null;
  while (cursor.left >= HEADER_BYTES) {
    const type = cursor.unsigned(1);
    const sizeBytes = cursor.unsigned(3);
    const lowMs = cursor.unsigned(3);
    const ownMs = cursor.unsigned(1) * 2 ** 24 + lowMs;
    cursor.take(3); // stream id: that of the aggregate counts
    const payload = cursor.take(sizeBytes);
    if (cursor.failed) break;
    firstMs ??= ownMs;
    const timestampMs = (aggregate.timestampMs + ownMs - firstMs + PERIOD_MS) % PERIOD_MS;
    messages.push({ type, streamId: aggregate.streamId, timestampMs, payload });
    if (cursor.bytes[cursor.at] === 0) cursor.take(Math.min(BACK_POINTER_BYTES, cursor.left));
  }
  return messages;
}
