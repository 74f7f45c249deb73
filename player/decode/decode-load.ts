import type { DecodeStep } from './decode-step.ts';
import type { PlaybackWindow } from './playback-window.ts';
import { UsualRate } from './usual-rate.ts';

/** What there is to choose from. */
export type DecodeChoices = {
  /** How many levels there are. */
  readonly levels: number;
  /** Index of the level on the screen; -1 while unknown. */
  readonly playing: number;
  /** The engine can leave out all pictures but keyframes. */
  readonly keyframes: boolean;
  /** The sound can be played alone. */
  readonly soundAlone: boolean;
};

/** Share of the pictures that were lost, or of the time that playback stood still, that is too much. */
const BUSY_SHARE = 0.15;
/** The same for two levels at once, after one window. */
const SWAMPED_SHARE = 0.5;
/** Below this share of lost pictures, and with the page's timer less late than this (milliseconds), there is room. */
const ROOM_SHARE = 0.08;
const ROOM_LATE_MS = 500;
/** Windows with fewer pictures than this say nothing about lost ones. */
const LEAST_FRAMES = 8;
/** A machine that shows so many pictures a second is not short: a screen of 60 Hz shows no more, whatever is played. */
const SCREEN_FPS = 50;
/** A step shows its effect after the segment that is playing, milliseconds. The same for a page that starts. */
const SETTLE_MS = 4000;
/** How long there has to be room before a step up, and after how many regrets no more is added: 20 s to 5 min. */
const FIRST_ROOM_MS = 20_000;
const LAST_ROOM_MS = 300_000;
/** A step up that is taken back within this time was a mistake. */
const REGRET_MS = 20_000;
/** After so long with the full picture earlier mistakes are forgotten. */
const FORGET_MS = 120_000;

/**
 * Decides how much a browser is asked to decode.
 *
 * The steps, from the top: each level as the highest one, keyframes of the lowest level, the sound alone. Down within two
 * seconds when the browser drops pictures or playback stands still with media in its buffer, below the lowest level one step at
 * a time; up one step after a time with room, which doubles with each step that had to be taken back. Where too few pictures are
 * played to tell, as with keyframes, a step up is a trial. How many pictures a playlist promises plays no part: a slate, or a
 * publisher who comes back, has its own rate. Nor does how fast media arrives: that is for the choice of levels.
 */
export class DecodeLoad {
  /** Steps below the full picture. */
  #step = 0;
  #busyWindows = 0;
  /** Time with room since the last step or the last trouble, and how much of it the next step up takes. */
  #hadRoomMs = 0;
  #roomMs = FIRST_ROOM_MS;
  #settledAtMs: number | null = null;
  #wentUpAtMs = Number.NEGATIVE_INFINITY;
  #fullSinceMs = Number.NEGATIVE_INFINITY;
  readonly #usual = new UsualRate();

  /**
   * Takes one window into account.
   *
   * @returns what to decode from now on
   */
  observe(window: PlaybackWindow, choices: DecodeChoices): DecodeStep {
    this.#settledAtMs ??= window.nowMs + SETTLE_MS;
    this.#step = Math.min(this.#step, lowestStep(choices));
    const lost = lostShare(window, this.#usual.beyond(window));
    const share = Math.max(lost ?? 0, window.starvedMs / window.lastsMs);
    if (window.nowMs >= this.#settledAtMs) {
      this.#busyWindows = share > BUSY_SHARE ? this.#busyWindows + 1 : 0;
      if (share > SWAMPED_SHARE) this.#down(window.nowMs, 2, lowestLevelStep(choices), choices);
      // A step that was taken above has set this to 0.
      if (this.#busyWindows >= 2) this.#down(window.nowMs, 1, lowestStep(choices), choices);
    }
    const hasRoom = share < ROOM_SHARE && window.timerLateMs < ROOM_LATE_MS;
    if (share > BUSY_SHARE) this.#hadRoomMs = 0;
    else if (hasRoom) this.#hadRoomMs += window.lastsMs;
    if (this.#step > 0) this.#upAfterRoom(window.nowMs);
    else if (window.nowMs - this.#fullSinceMs > FORGET_MS) this.#roomMs = FIRST_ROOM_MS;
    return stepOf(this.#step, choices);
  }

  #down(nowMs: number, by: number, lowest: number, choices: DecodeChoices): void {
    // A level that is low for another reason is a step that has been taken.
    const isLevel = choices.playing >= 0 && this.#step < choices.levels;
    const from = isLevel ? Math.max(this.#step, choices.levels - 1 - choices.playing) : this.#step;
    const to = Math.min(lowest, from + by);
    if (to <= this.#step) return;
    if (nowMs - this.#wentUpAtMs < REGRET_MS) this.#roomMs = Math.min(LAST_ROOM_MS, this.#roomMs * 2);
    this.#changed(nowMs, to);
  }

  #upAfterRoom(nowMs: number): void {
    if (this.#hadRoomMs < this.#roomMs) return;
    this.#wentUpAtMs = nowMs;
    this.#changed(nowMs, this.#step - 1);
    if (this.#step === 0) this.#fullSinceMs = nowMs;
  }

  #changed(nowMs: number, to: number): void {
    this.#step = to;
    this.#busyWindows = 0;
    this.#hadRoomMs = 0;
    this.#settledAtMs = nowMs + SETTLE_MS;
  }
}

/**
 * Share of the pictures that were not shown in time; null where there are too few to say.
 *
 * @param onlyDecoded those of them that nobody was to see
 */
function lostShare(window: PlaybackWindow, onlyDecoded: number): number | null {
  const { lastsMs, decodedFrames, droppedFrames } = window;
  const toBeShown = decodedFrames - onlyDecoded;
  if (toBeShown < LEAST_FRAMES) return null;
  const isAsFastAsScreen = decodedFrames - droppedFrames >= (SCREEN_FPS * lastsMs) / 1000;
  const lost = Math.max(0, droppedFrames - onlyDecoded);
  return isAsFastAsScreen ? 0 : Math.min(1, lost / toBeShown);
}

/** The step at which the lowest level is the highest one. */
function lowestLevelStep({ levels }: DecodeChoices): number {
  return Math.max(0, levels - 1);
}

function lowestStep(choices: DecodeChoices): number {
  return lowestLevelStep(choices) + (choices.keyframes ? 1 : 0) + (choices.soundAlone ? 1 : 0);
}

function stepOf(step: number, choices: DecodeChoices): DecodeStep {
  const { levels, keyframes } = choices;
  if (step === 0) return { maxLevel: Number.POSITIVE_INFINITY, pictures: 'all' };
  const beyond = step - lowestLevelStep(choices);
  if (beyond <= 0) return { maxLevel: levels - 1 - step, pictures: 'all' };
  return { maxLevel: 0, pictures: beyond === 1 && keyframes ? 'keyframes' : 'none' };
}
