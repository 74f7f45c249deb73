import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { libraryText } from '../../text/library-text.ts';
import type { Library } from './library.ts';

/** The next page is loaded when its place is this close to the screen. */
const NEAR = '600px';
/** Above this many broadcasts only the button loads more: a phone's memory is small. */
const MOST_BY_SCROLLING = 480;

/** The end of the list: loads more when it comes near the screen, and has a button for it. */
export function More({ library }: { readonly library: Library }): JSX.Element | null {
  const end = useRef<HTMLDivElement>(null);
  const hasMore = library.hasMore.value && library.broadcasts.value.length > 0;
  const count = library.broadcasts.value.length;
  useEffect(() => {
    const element = end.current;
    if (element === null || !hasMore || count >= MOST_BY_SCROLLING) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) void library.more();
      },
      { rootMargin: NEAR },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasMore, count]);
  if (!hasMore) return null;
  return (
    <div ref={end} class="more">
      <button
        type="button"
        class="deed"
        aria-disabled={library.isLoadingMore.value}
        onClick={() => void library.more()}
      >
        {libraryText(library.isLoadingMore.value ? 'library.loadingMore' : 'library.more')}
      </button>
    </div>
  );
}
