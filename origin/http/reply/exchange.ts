import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request and the response to it. */
export type Exchange = {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /**
   * Null where any cache may store the answer for everybody. Else the answer is for this client alone, whose token is valid for
   * so many more seconds; 0 where no cache at all may store it.
   */
  readonly privateForS: number | null;
};
