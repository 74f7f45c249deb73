/**
 * Says why a page stays empty. It runs as a plain script, lowered to the oldest syntax, before any module: either the browser is too
 * old for the page's own scripts, or one of them did not come; then the page is loaded anew, less and less often.
 */

const PATIENCE_MS = 10_000;
const LONGEST_MS = 120_000;
const KEY = 'lectern.reloads';
const isChinese = /^zh/i.test(navigator.language);
const TEXTS = {
  old: isChinese
    ? '当前浏览器版本太旧，无法打开本页。请换用 Chrome 或 Edge 109、Firefox 115、Safari 15.4 或更新的版本。'
    : 'This browser is too old for this page. Please use Chrome or Edge 109, Firefox 115, Safari 15.4, or anything newer.',
  late: isChinese
    ? '页面没有加载完整，稍后会自动重新加载。'
    : 'The page did not load completely. It is loaded anew by itself in a moment.',
};

/** What Firefox 115, Safari 15.4 and Chrome 109 have, and those before them lack. */
function isOld(): boolean {
  return (
    !('at' in Array.prototype) || !('structuredClone' in globalThis) || !('TextDecoderStream' in globalThis)
  );
}

function say(text: string): void {
  const line = document.createElement('p');
  line.style.cssText = 'margin:3em auto;padding:0 1em;max-width:34em;font:1.125rem/1.6 sans-serif';
  line.setAttribute('role', 'alert');
  line.textContent = text;
  document.body.appendChild(line);
}

/** How often this tab was loaded anew, and once more. */
function count(): number {
  try {
    const times = Number(sessionStorage.getItem(KEY)) + 1;
    sessionStorage.setItem(KEY, String(times));
    return times;
  } catch {
    // Where the browser stores nothing, it is not tried too often.
    return 4;
  }
}

function look(): void {
  if (document.getElementById('page')?.firstChild) {
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // Nothing is stored.
    }
    return;
  }
  if (isOld()) {
    say(TEXTS.old);
    return;
  }
  say(TEXTS.late);
  const waitMs = Math.min(LONGEST_MS, 2000 * 2 ** count()) * (0.75 + 0.5 * Math.random());
  setTimeout(() => location.reload(), waitMs);
}

window.addEventListener('load', () => setTimeout(look, isOld() ? 0 : PATIENCE_MS));
