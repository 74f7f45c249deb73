import type { JSX } from 'preact';
import { t } from '../text/language.ts';

/** The first link for the keyboard: skips the header. It keeps the fragment, which may hold the token. */
export function SkipLink(): JSX.Element {
  return (
    <a
      class="skip"
      href="#content"
      onClick={(event) => {
        event.preventDefault();
        document.getElementById('content')?.focus();
      }}
    >
      {t('app.skip')}
    </a>
  );
}
