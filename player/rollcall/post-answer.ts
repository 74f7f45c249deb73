import { isRecord } from '../../rollcall/protocol/checked.ts';
import type { AnswerFrame, ServerFrame } from '../../rollcall/protocol/frames.ts';
import { readServerFrame } from '../../rollcall/protocol/server-frame.ts';
import { retryAfterMs } from './carriers.ts';

const PATIENCE_MS = 10_000;
/** What is not known to be refused is sent again after this, milliseconds. */
const AGAIN_MS = 3000;

/**
 * Sends an answer by HTTP, where no WebSocket brings it through.
 *
 * @returns an `ack`, or a `refused` that says when to send it again unless it is refused for good
 */
export async function postAnswer(channel: string, token: string, answer: AnswerFrame): Promise<ServerFrame> {
  const { type: _type, callId, ...body } = answer;
  const { answerId } = answer;
  const later = (code: string, waitMs: number | null): ServerFrame => {
    return { type: 'refused', code, reason: code, answerId, retryAfterMs: waitMs ?? AGAIN_MS };
  };
  try {
    const reply = await fetch(`/api/rollcall/${channel}/calls/${callId}/answers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await reply.text();
    if (reply.ok) return readServerFrame(text) ?? later('unreadable', null);
    const { status } = reply;
    // A token can be renewed, and a server can come back; anything else is about this answer.
    if (status >= 500 || status === 401 || status === 403 || status === 408 || status === 429) {
      return later(`status-${status}`, retryAfterMs(reply));
    }
    return {
      type: 'refused',
      code: codeOf(text) ?? `status-${status}`,
      reason: `status ${status}`,
      answerId,
    };
  } catch {
    return later('unreachable', null);
  }
}

function codeOf(text: string): string | null {
  try {
    const body: unknown = JSON.parse(text);
    const error = isRecord(body) && isRecord(body['error']) ? body['error'] : {};
    return typeof error['code'] === 'string' ? error['code'] : null;
  } catch {
    return null;
  }
}
