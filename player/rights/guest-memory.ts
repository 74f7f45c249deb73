/** Where this browser stores who its guests are. */

/** The last name that a guest gave, in any channel. */
export const GUEST_NAME_KEY = 'lectern.rollcall.name';
/** In front of a channel's id: the guest's token for it. */
export const GUEST_KEY = 'lectern.rollcall.guest.';

/** In front of a channel's id: who its guest says she is, and in which class. */
export const GUEST_WHO_KEY = 'lectern.rollcall.who.';

/** Forgets all guests of this browser. */
export function forgetGuests(): void {
  try {
    for (const key of Object.keys(localStorage)) {
      const isOfGuests = [GUEST_NAME_KEY, GUEST_KEY, GUEST_WHO_KEY].some((start) => key.startsWith(start));
      if (isOfGuests) localStorage.removeItem(key);
    }
  } catch {
    // Where cookies are refused, nothing is stored.
  }
}
