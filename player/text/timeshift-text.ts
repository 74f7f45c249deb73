import { translator } from './language.ts';
import { TIMESHIFT_STRINGS } from './timeshift-strings.ts';

/** A text about a class of the past, in the page's language. */
export const timeshiftText = translator(TIMESHIFT_STRINGS);
