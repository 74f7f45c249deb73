import type { Command } from '../stage/commands.ts';
import type { TimeshiftSession } from './timeshift-session.ts';
import { FAR_STEP_MS, STEP_MS } from './seek-bar.ts';
import { nextSpeed } from './speeds.ts';

/**
 * Carries out the command of a key or a button in a timeshift session.
 *
 * @param seek seeks, in milliseconds since the beginning; the caller may go live instead
 * @param setSpeed changes the speed, and may remember it
 * @returns false when the command means nothing here
 */
export function runTimeshiftCommand(
  session: TimeshiftSession,
  command: Command,
  seek: (positionMs: number) => void,
  setSpeed: (speed: number) => void,
): boolean {
  const { positionMs, lengthMs, volume, muted, speed } = session.view;
  switch (command) {
    case 'play':
      session.togglePlay();
      return true;
    case 'mute':
      session.setMuted(!muted.value);
      return true;
    case 'louder':
      session.setVolume(volume.value + 0.05);
      return true;
    case 'quieter':
      session.setVolume(volume.value - 0.05);
      return true;
    case 'back':
      seek(positionMs.value - STEP_MS);
      return true;
    case 'forward':
      seek(positionMs.value + STEP_MS);
      return true;
    case 'far-back':
      seek(positionMs.value - FAR_STEP_MS);
      return true;
    case 'far-forward':
      seek(positionMs.value + FAR_STEP_MS);
      return true;
    case 'start':
    case 'beginning':
      seek(0);
      return true;
    case 'end':
      seek(lengthMs.value);
      return true;
    case 'slower':
      setSpeed(nextSpeed(speed.value, -1));
      return true;
    case 'faster':
      setSpeed(nextSpeed(speed.value, 1));
      return true;
    default:
      return false;
  }
}
