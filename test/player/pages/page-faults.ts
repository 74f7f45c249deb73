import type { Page } from 'playwright-core';

/** What goes wrong in a page from now on, though nobody sees it: uncaught errors, and what its security policy stopped. */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Uncaught/.test(message.text())) faults.push(message.text());
  });
  return faults;
}
