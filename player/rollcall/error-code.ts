import { isRecord } from '../../rollcall/protocol/checked.ts';

/**
 * Reads the code of an error out of a body.
 *
 * @returns null for what the server did not write: a proxy on the way has pages of its own
 */
export function codeOf(text: string): string | null {
  try {
    const body: unknown = JSON.parse(text);
    const error = isRecord(body) && isRecord(body['error']) ? body['error'] : {};
    return typeof error['code'] === 'string' ? error['code'] : null;
  } catch {
    return null;
  }
}
