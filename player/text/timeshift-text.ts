import { translator } from './language.ts';
import { PAST_STRINGS } from './timeshift-strings.ts';

/** A text about a class of the past, in the page's language. */
export const pt = translator(PAST_STRINGS);
