/** How a connection ended. */
export type TransportEnd =
  /** The server does not accept our token: another connection with it would not help. */
  | { readonly kind: 'denied' }
  /** This server has no roll call for this channel. */
  | { readonly kind: 'absent' }
  /** `retryAfterMs` is the wait that the server asked for, milliseconds; null without. */
  | { readonly kind: 'lost'; readonly retryAfterMs: number | null };

/** A connection that ended without a word of the server. */
export const LOST: TransportEnd = { kind: 'lost', retryAfterMs: null };

/** What a transport reports. */
export type TransportEvents = {
  readonly onText: (text: string) => void;
  /** Anything arrived on an event stream, be it only what keeps it open. */
  readonly onLife: () => void;
  /** Called once. */
  readonly onEnd: (end: TransportEnd) => void;
};

/** One connection to the roll call. */
export type Transport = {
  /** @returns false when nothing can be sent on it, or no longer */
  readonly send: (text: string) => boolean;
  /** Ends it; `onEnd` may still be called. */
  readonly close: () => void;
};

/** The kinds of transport. */
export type TransportKind = 'web-socket' | 'event-stream' | 'polling';
