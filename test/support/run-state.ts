import { fetchRunState } from '../../cli/on-air.ts';
import { waitFor } from './wait-for.ts';

/**
 * Waits until a channel's own playlist says that it is in a state: `on-air`, `interrupted`, …
 *
 * @param url address of the origin
 * @param said what else to say where it never is, such as the end of a log
 */
export async function waitForRunState(
  url: string,
  channel: string,
  state: string,
  withinMs: number,
  said: () => string = () => '',
): Promise<void> {
  await waitFor(
    `${channel} is ${state}`,
    async () => {
      const last = await fetchRunState(url, channel);
      if (last !== state) throw new Error(`it is ${JSON.stringify(last)} ${said()}`.trim());
      return true;
    },
    withinMs,
  );
}
