/**
 * Path under which a proxy passes this server on, such as `/lectern`; '' for none. The server writes it into its pages
 * (`http.basePath`).
 */
export const BASE_PATH: string = basePathOf(
  typeof document === 'undefined'
    ? null
    : (document.querySelector('meta[name="lectern-base"]')?.getAttribute('content') ?? null),
);

/** Reads the path that a page names; '' for what is none. */
export function basePathOf(content: string | null): string {
  return content !== null && /^(\/[A-Za-z0-9._~-]+)+$/.test(content) ? content : '';
}

/**
 * The address of something of this server.
 *
 * @param path from its root, or an address that has the base path already
 */
export function withBase(path: string, base = BASE_PATH): string {
  const isPlain = base === '' || !path.startsWith('/') || path === base || path.startsWith(`${base}/`);
  return isPlain ? path : `${base}${path}`;
}

/** The path of an address from the root of this server. */
export function withoutBase(path: string, base = BASE_PATH): string {
  if (base === '' || (path !== base && !path.startsWith(`${base}/`))) return path;
  return path.slice(base.length) || '/';
}
