import { translator } from './language.ts';
import { TEACH_STRINGS } from './teach-strings.ts';

/** A text of the teacher's page, in the page's language. */
export const teachText = translator(TEACH_STRINGS);
