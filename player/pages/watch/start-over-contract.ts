import type { Signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { LiveSession } from '../../live/live-session.ts';
import type { Command } from '../../stage/commands.ts';
import type { PanelName } from '../../stage/stage-shell.tsx';

/** A class that is watched from its start, in the place of the live one. */
export type StartOver = {
  /** What lies over the picture. */
  readonly Layer: ComponentType<{
    readonly panel: Signal<PanelName>;
    readonly pipPossible: boolean;
    readonly run: (command: Command) => void;
  }>;
  /** Does what a key asked for; false when the key means nothing here. */
  readonly run: (command: Command) => boolean;
  /** Program date time of the picture on the screen, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null;
  /** There is a class to be seen, and not what fills its interruptions. */
  isOnAir(): boolean;
  destroy(): void;
};

/** What a start-over is made from. */
export type StartOverOptions = {
  readonly session: LiveSession;
  readonly video: HTMLVideoElement;
  readonly channel: string;
  readonly broadcast: { readonly id: string; readonly startMs: number };
  readonly token: string | null;
  /** Where to begin, UTC milliseconds; null for the beginning. */
  readonly atMs: number | null;
  readonly goLive: () => void;
};
