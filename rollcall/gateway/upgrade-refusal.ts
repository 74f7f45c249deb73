import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppError } from '../../shared/errors.ts';
import { toHttpProblem } from '../../shared/http-errors.ts';

/** Answers an upgrade request with an HTTP error on the bare socket, and closes it. */
export function refuseUpgrade(socket: Duplex, error: AppError): void {
  const { status, code, message, retryAfterS } = toHttpProblem(error);
  const body = `${JSON.stringify({ error: { code, message } })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    'Cache-Control: no-store',
    ...(retryAfterS === undefined ? [] : [`Retry-After: ${retryAfterS}`]),
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
