/**
 * The page that a browser shows while an origin is full. It needs nothing else from the origin, and loads again by itself.
 *
 * @param seconds until then
 */
export function fullPage(seconds: number): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="${seconds}">
<title>Lectern</title>
<body style="font: 1.1rem/1.6 system-ui, sans-serif; max-width: 30rem; margin: 20vh auto; padding: 0 1rem">
<p>Very many are arriving. This page tries again in ${seconds} s; nothing needs to be pressed.
<p lang="zh">现在进来的人很多。本页将在 ${seconds} 秒后自动重试，无需任何操作。
</html>
`;
}
