import { translator } from './language.ts';
import { ROSTER_STRINGS } from './roster-strings.ts';

/** A text of the preview of a class list, in the page's language. */
export const rosterText = translator(ROSTER_STRINGS);
