import { EDIT_STRINGS } from './edit-strings.ts';
import { translator } from './language.ts';

/** A text about changing a recording, in the page's language. */
export const editText = translator(EDIT_STRINGS);
