/** What an error page says. */
export type ErrorPageContent = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The page loads again after so many seconds. */
  readonly retryAfterS?: number;
};

/** What a person reads, in English and Chinese, by status. */
const SAID: Readonly<Record<number, readonly [string, string]>> = {
  401: [
    'This page opens by a link from your school. Open the link again, or ask your teacher for a new one.',
    '请用学校发的链接打开本页。请重新打开该链接，或向老师要一个新的。',
  ],
  403: ['Your link does not open this page.', '你的链接不能打开本页。'],
  404: ['Nothing is at this address. Check how it is written.', '这个地址上没有内容。请检查地址是否写对。'],
  503: ['The server cannot answer this now.', '服务器现在无法处理这个请求。'],
};
const OTHERWISE: readonly [string, string] = ['This did not work.', '出错了。'];

/**
 * The page that a browser shows in place of an error in JSON. It loads nothing else, and tries again by itself where the server
 * says when.
 */
export function errorPage({ status, code, message, retryAfterS }: ErrorPageContent): string {
  const [english, chinese] = SAID[status] ?? OTHERWISE;
  const again = retryAfterS === undefined ? '' : `\n<meta http-equiv="refresh" content="${retryAfterS}">`;
  const wait =
    retryAfterS === undefined
      ? ['', '']
      : [` This page tries again in ${retryAfterS} s.`, `本页将在 ${retryAfterS} 秒后自动重试。`];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">${again}
<title>${status} · Lectern</title>
<body style="font: 1.1rem/1.6 system-ui, sans-serif; max-width: 30rem; margin: 20vh auto; padding: 0 1rem">
<p>${english}${wait[0]}
<p lang="zh">${chinese}${wait[1]}
<p style="font-size: 0.8rem; opacity: 0.7">${escapeHtml(code)}: ${escapeHtml(message)}
</html>
`;
}

/** Nothing on an error page is loaded or run. */
export const ERROR_PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'";

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
