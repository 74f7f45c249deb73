import { effect, untracked } from '@preact/signals';
import { render } from 'preact';
import '../../styles/page-library.css';
import { tokenOfHash } from '../../channel/links.ts';
import { t } from '../../text/language.ts';
import { libraryText } from '../../text/library-text.ts';
import { keepPlace, keptPlace, query } from './address.ts';
import { Library } from './library.ts';
import { LibraryPage } from './library-page.tsx';
import { queryOfAddress } from './library-query.ts';

/** Who comes back to the page after so long sees it as it is by then, in milliseconds. */
const OLD_AFTER_MS = 30_000;

const token = tokenOfHash(location.hash);
const library = new Library(token);
const page = document.getElementById('page');
if (page !== null) render(<LibraryPage library={library} token={token} />, page);

effect(() => {
  document.title = `${libraryText('library.title')} · ${t('app.name')}`;
});
effect(() => {
  document.documentElement.dataset['state'] = library.state.value;
});

// The browser would scroll before there is anything to scroll to.
history.scrollRestoration = 'manual';
let place = keptPlace();
effect(() => {
  const wanted = query.value;
  const { count, scrollY } = place ?? { count: 0, scrollY: 0 };
  const isReturn = place !== null;
  place = null;
  const looked = untracked(() => library.look(wanted, count));
  void looked.then(() => {
    if (isReturn) requestAnimationFrame(() => scrollTo(0, scrollY));
  });
});
addEventListener('popstate', () => {
  place = keptPlace();
  query.value = queryOfAddress(location.search);
});
addEventListener('pagehide', () => keepPlace({ count: library.shelf.value.length, scrollY }));
addEventListener('online', () => library.refresh(0));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') library.refresh(OLD_AFTER_MS);
});
