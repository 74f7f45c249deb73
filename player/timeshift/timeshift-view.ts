import { type Signal, signal } from '@preact/signals';
import type { Level } from '../abr/levels.ts';
import type { SoundView } from '../playback/sound-view.ts';
import type { TimeshiftState } from './timeshift-state.ts';

/** What a page shows of a timeshift session, as signals. */
export type TimeshiftView = SoundView & {
  readonly state: Signal<TimeshiftState>;
  /** Milliseconds since the beginning. */
  readonly positionMs: Signal<number>;
  /** What can be played, milliseconds; 0 while unknown. */
  readonly lengthMs: Signal<number>;
  /** End of the buffer, milliseconds since the beginning. */
  readonly bufferedToMs: Signal<number>;
  /** 1 is the speed of the class. */
  readonly speed: Signal<number>;
  readonly levels: Signal<readonly Level[]>;
  /** Index of the level on the screen; -1 while unknown. */
  readonly playing: Signal<number>;
  /** What the viewer chose: a level, or null for automatic. */
  readonly chosen: Signal<number | null>;
  readonly audioOnly: Signal<boolean>;
  readonly audioOnlyPossible: Signal<boolean>;
  /** The picture stands still though it should not. */
  readonly waiting: Signal<boolean>;
};

/** Makes the signals of a session that has not started; `sound` may be those of the live session. */
export function createTimeshiftView(sound: SoundView, speed: number): TimeshiftView {
  return {
    ...sound,
    state: signal<TimeshiftState>('loading'),
    positionMs: signal(0),
    lengthMs: signal(0),
    bufferedToMs: signal(0),
    speed: signal(speed),
    levels: signal<readonly Level[]>([]),
    playing: signal(-1),
    chosen: signal<number | null>(null),
    audioOnly: signal(false),
    audioOnlyPossible: signal(false),
    waiting: signal(false),
  };
}
