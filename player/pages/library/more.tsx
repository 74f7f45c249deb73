import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { libraryText } from '../../text/library-text.ts';
import type { Library } from './library.ts';

/** The next page is fetched when its place comes so near to the screen. */
const NEAR = '600px';
/** Beyond so many, more comes by the button alone: nobody reads on for ever, and a phone's memory is small. */
const MOST_BY_SCROLLING = 480;

/** The end of the shelf: fetches more when somebody comes near, and has a button for it. */
export function More({ library }: { readonly library: Library }): JSX.Element | null {
  const end = useRef<HTMLDivElement>(null);
  const hasMore = library.hasMore.value && library.shelf.value.length > 0;
  const count = library.shelf.value.length;
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
