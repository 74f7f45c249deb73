import type { JSX } from 'preact';
import { t } from '../text/language.ts';

/** First stop of the keyboard: past the header to the content. It leaves the fragment alone, which may hold a token. */
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
