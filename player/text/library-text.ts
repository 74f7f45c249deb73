import { translator } from './language.ts';
import { LIBRARY_STRINGS } from './library-strings.ts';

/** A text of the library, in the page's language. */
export const libraryText = translator(LIBRARY_STRINGS);
