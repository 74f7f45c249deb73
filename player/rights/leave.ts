import { lobbyUrl } from '../channel/links.ts';
import { forgetGuests } from './guest-memory.ts';
import { forgetToken } from './token-memory.ts';

/** Forgets who this tab was, and opens the list of classes as nobody. */
export function leave(): void {
  forgetToken();
  forgetGuests();
  location.assign(lobbyUrl(null));
}
