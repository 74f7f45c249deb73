import { constants, setPriority } from 'node:os';
import type { Logger } from '../shared/logger.ts';

/**
 * Puts this process, and the ffmpegs that it is going to start, ahead of what can wait: a picture that is encoded 0.2 s
 * late is late for everyone. Only root, or who may (CAP_SYS_NICE), can; others run like all programs.
 *
 * @returns whether the system let us
 */
export function goAhead(logger: Logger): boolean {
  try {
    setPriority(0, constants.priority.PRIORITY_ABOVE_NORMAL);
    return true;
  } catch {
    logger.debug({}, 'no right to run at a higher priority; going on at the ordinary one');
    return false;
  }
}
