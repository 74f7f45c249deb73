import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Router } from 'express';

/** The roles of a pipeline; `lectern up` runs all of them in one process, `--role` one. */
export const ROLE_NAMES = ['ingest', 'transcode', 'origin', 'rollcall'] as const;
/** One of {@link ROLE_NAMES}. */
export type RoleName = (typeof ROLE_NAMES)[number];

/** What a running role gives to the process's one HTTP server. */
export type Role = {
  readonly name: RoleName;
  /**
   * The hot paths, asked ahead of express.
   *
   * @returns true when the request was taken (answered now or later), false when it is not for this role
   */
  readonly handle?: (req: IncomingMessage, res: ServerResponse) => boolean;
  /**
   * Requests that want another protocol on their connection (RFC 9110 §7.8): WebSockets.
   *
   * @returns true when the request was taken; its socket is the role's from then on
   */
  readonly upgrade?: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /** API and pages. */
  readonly router?: Router;
  /** What is still missing before the role can work, in words; null when it is ready. */
  notReady(): string | null;
  /** Lets go of sockets, processes and timers; resolves when they are gone. */
  stop(): Promise<void>;
};
