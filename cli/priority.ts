import { constants, setPriority } from 'node:os';
import type { Logger } from '../shared/logger.ts';

/**
 * Raises the priority of this process and of the ffmpegs that it starts: a picture that is encoded 0.2 s late is late for
 * every viewer. This needs root or CAP_SYS_NICE; without them the priority stays as it is.
 *
 * @returns whether the system allowed it
 */
export function goAhead(logger: Logger): boolean {
  try {
    setPriority(0, constants.priority.PRIORITY_ABOVE_NORMAL);
    return true;
  } catch {
    logger.debug({}, 'no permission to raise the priority; running at the ordinary one');
    return false;
  }
}
