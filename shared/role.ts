import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Router } from 'express';

/** The roles of a pipeline; `lectern up` runs all of them in one process, `--role` one. */
export const ROLE_NAMES = ['ingest', 'transcode', 'origin', 'rollcall'] as const;
/** One of {@link ROLE_NAMES}. */
export type RoleName = (typeof ROLE_NAMES)[number];

/** A running role, with its handlers for the process's HTTP server. */
export type Role = {
  readonly name: RoleName;
  /**
   * Handles requests of the hot paths, before Express.
   *
   * @returns true when this role handles the request (now or later), false when it is for another role
   */
  readonly handle?: (req: IncomingMessage, res: ServerResponse) => boolean;
  /**
   * Handles Upgrade requests (RFC 9110 §7.8): WebSockets.
   *
   * @returns true when this role handles the request; it owns the socket from then on
   */
  readonly upgrade?: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /** API and pages. */
  readonly router?: Router;
  /** The reason why the role cannot work yet; null when it is ready. */
  notReady(): string | null;
  /** Closes sockets, processes and timers; resolves when that is done. */
  stop(): Promise<void>;
};
