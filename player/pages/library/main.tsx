import { effect, untracked } from '@preact/signals';
import { render } from 'preact';
import '../../styles/page-library.css';
import { openRights } from '../../rights/rights.ts';
import { t } from '../../text/language.ts';
import { libraryText } from '../../text/library-text.ts';
import { storePlace, storedPlace, query } from './address.ts';
import { Library } from './library.ts';
import { LibraryPage } from './library-page.tsx';
import { queryOfAddress } from './library-query.ts';

/** Results older than this are loaded again when the page becomes visible, in milliseconds. */
const OLD_AFTER_MS = 30_000;

const rights = await openRights();
const library = new Library(rights.own);
const page = document.getElementById('page');
if (page !== null) render(<LibraryPage library={library} rights={rights} />, page);

effect(() => {
  document.title = `${libraryText('library.title')} · ${t('app.name')}`;
});
effect(() => {
  document.documentElement.dataset['state'] = library.state.value;
});

// The browser would restore the scroll position before the cards are loaded.
history.scrollRestoration = 'manual';
let place = storedPlace();
effect(() => {
  const wanted = query.value;
  const { count, scrollY } = place ?? { count: 0, scrollY: 0 };
  const isReturn = place !== null;
  place = null;
  const looked = untracked(() => library.load(wanted, count));
  void looked.then(() => {
    if (isReturn) requestAnimationFrame(() => scrollTo(0, scrollY));
  });
});
addEventListener('popstate', () => {
  place = storedPlace();
  query.value = queryOfAddress(location.search);
});
addEventListener('pagehide', () => storePlace({ count: library.broadcasts.value.length, scrollY }));
addEventListener('online', () => library.refresh(0));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') library.refresh(OLD_AFTER_MS);
});
