import { translator } from './language.ts';
import { ROLLCALL_STRINGS } from './rollcall-strings.ts';

/** A text of the roll call, in the page's language. */
export const rollcallText = translator(ROLLCALL_STRINGS);
