import type { Command } from '../stage/commands.ts';
import type { TimeshiftSession } from './timeshift-session.ts';
import { FAR_STEP_MS, STEP_MS } from './seek-bar.ts';
import { nextSpeed } from './speeds.ts';

/**
 * Does what a key or a button asks of a session of the past.
 *
 * @param seek goes to a time, in milliseconds since the beginning: not every time may lie within the session
 * @param setSpeed changes the speed, and may remember it
 * @returns false when that means nothing here
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
