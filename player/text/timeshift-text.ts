import { translator } from './language.ts';
import { TIMESHIFT_STRINGS } from './timeshift-strings.ts';

/** A text of start-over and replay, in the page's language. */
export const timeshiftText = translator(TIMESHIFT_STRINGS);
