import type { AnswerFrame, ServerFrame } from '../../rollcall/protocol/frames.ts';
import { readServerFrame } from '../../rollcall/protocol/server-frame-reader.ts';
import { errorReplyOf, retryAfterMs } from '../net/error-reply.ts';
import { request } from '../net/request.ts';

/** Statuses that concern the token or the server, and not the answer: it is sent again. */
const PASSING = new Set([401, 403, 408, 425, 429]);

/**
 * Sends an answer by HTTP, where no WebSocket can.
 *
 * @returns an `ack`, or a `refused`: with `retryAfterMs` unless it is final
 */
export async function postAnswer(channel: string, token: string, answer: AnswerFrame): Promise<ServerFrame> {
  const { type: _type, callId, ...body } = answer;
  try {
    const reply = await request(`/api/rollcall/${channel}/calls/${callId}/answers`, token, {
      ...{ method: 'POST', json: body, keepalive: true },
    });
    return readReply(answer.answerId, reply.status, retryAfterMs(reply), await reply.text());
  } catch {
    return readReply(answer.answerId, 0, null, '');
  }
}

/**
 * Reads the response to a posted answer.
 *
 * @param status of HTTP; 0 without a response
 * @param waitMs the wait that the server asked for, milliseconds; null without
 * @param text the body
 */
export function readReply(
  answerId: string,
  status: number,
  waitMs: number | null,
  text: string,
): ServerFrame {
  const again: ServerFrame = {
    ...{ type: 'refused', answerId, code: `status-${status}`, reason: `status ${status}` },
    retryAfterMs: waitMs ?? 0,
  };
  if (status >= 200 && status < 300) {
    const frame = readServerFrame(text);
    return frame?.type === 'ack' && frame.answerId === answerId ? frame : again;
  }
  // Without an error of Lectern's own, a proxy has answered: the answer stays pending.
  const code = errorReplyOf(text)?.code ?? null;
  if (status < 400 || status >= 500 || PASSING.has(status) || code === null) return again;
  return { type: 'refused', answerId, code, reason: `status ${status}` };
}
