import type { Signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { LiveSession } from '../../live/live-session.ts';
import type { Rights } from '../../rights/rights.ts';
import type { Command } from '../../stage/commands.ts';
import type { PanelName } from '../../stage/stage-shell.tsx';

/** A start-over, which plays in place of the live session. */
export type StartOver = {
  /** Everything over the picture. */
  readonly Layer: ComponentType<{
    readonly panel: Signal<PanelName>;
    readonly pipPossible: boolean;
    readonly run: (command: Command) => void;
  }>;
  /** Carries out a command; false when it means nothing here. */
  readonly run: (command: Command) => boolean;
  /** Program date time of the picture on the screen, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null;
  /** A class is shown, and not the slate. */
  isOnAir(): boolean;
  destroy(): void;
};

/** What a start-over is made from. */
export type StartOverOptions = {
  readonly session: LiveSession;
  readonly video: HTMLVideoElement;
  readonly channel: string;
  readonly broadcast: { readonly id: string; readonly startMs: number };
  readonly rights: Rights;
  /** Where to begin, UTC milliseconds; null for the beginning. */
  readonly atMs: number | null;
  readonly goLive: () => void;
};
