import type { AnswerFrame, ServerFrame } from '../../rollcall/protocol/frames.ts';
import { readServerFrame } from '../../rollcall/protocol/server-frame-reader.ts';
import { errorReplyOf, retryAfterMs } from '../net/error-reply.ts';
import { request } from '../net/request.ts';

/** These are about us or the server, and not about the answer: a token can be renewed, a server come back. */
const PASSING = new Set([401, 403, 408, 425, 429]);

/**
 * Sends an answer by HTTP, where no WebSocket brings it through.
 *
 * @returns an `ack`, or a `refused` that says when to send it again unless it is refused for good
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
 * Reads what came of an answer that was posted.
 *
 * @param status of HTTP; 0 when nothing came
 * @param waitMs what the server asked for before it is sent again, milliseconds; null when it said nothing
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
  // A refusal that is not in the server's own words is a proxy's: no answer is given up for that.
  const code = errorReplyOf(text)?.code ?? null;
  if (status < 400 || status >= 500 || PASSING.has(status) || code === null) return again;
  return { type: 'refused', answerId, code, reason: `status ${status}` };
}
