/**
 * The value of Content-Disposition for a download (RFC 6266 §5): a name in ASCII for old clients, and the whole title in UTF-8.
 *
 * @param title what the broadcast is called; characters that file systems refuse become spaces
 */
export function contentDisposition(title: string): string {
  const name =
    title
      .replaceAll(/\p{Surrogate}/gu, '_')
      .replaceAll(/[\s\u0000-\u001f\u007f/\\:*?"<>|]+/g, ' ')
      .trim() || 'class';
  const plain = name.replaceAll(/[^\x20-\x7e]+/g, '_').replaceAll(/[%']/g, '_');
  return `attachment; filename="${plain}.mp4"; filename*=UTF-8''${encodeURIComponent(name).replaceAll(/['()*]/g, '_')}.mp4`;
}
