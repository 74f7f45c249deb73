/**
 * Has links of this page that are opened in a new tab take the rights of this tab along, which are not in the links: a tab with an
 * opener begins with a copy of what its opener has stored.
 *
 * @see WHATWG HTML, §12.2.2 (sessionStorage)
 */
export function openInOwnTabs(): void {
  const follow = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (event.defaultPrevented || link === null || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || !isForNewTab(event, link)) return;
    event.preventDefault();
    globalThis.open(link.href, '_blank');
  };
  addEventListener('click', follow);
  addEventListener('auxclick', follow);
}

function isForNewTab({ button, ctrlKey, metaKey, shiftKey }: MouseEvent, link: HTMLAnchorElement): boolean {
  if (button === 1) return true;
  return button === 0 && (link.target === '_blank' || ctrlKey || metaKey || shiftKey);
}
