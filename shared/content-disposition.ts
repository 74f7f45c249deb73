/**
 * The value of Content-Disposition for a download (RFC 6266 §5): a name in ASCII for old clients, and the whole name in UTF-8.
 *
 * @param title what the file is called, without its ending; characters that file systems refuse become spaces
 * @param ending `mp4`, `csv`
 * @param plain the name in ASCII, where it is to be another than what is left of the title
 */
export function contentDisposition(title: string, ending = 'mp4', plain = title): string {
  const ascii = fileName(plain)
    .replaceAll(/[^\x20-\x7e]+/g, '_')
    .replaceAll(/[%']/g, '_');
  const whole = encodeURIComponent(fileName(title)).replaceAll(/['()*]/g, '_');
  return `attachment; filename="${ascii}.${ending}"; filename*=UTF-8''${whole}.${ending}`;
}

function fileName(title: string): string {
  const name = title
    .replaceAll(/\p{Surrogate}/gu, '_')
    .replaceAll(/[\s\u0000-\u001f\u007f/\\:*?"<>|]+/g, ' ')
    // Directional marks may show a name with another ending than it has.
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  return name === '' ? 'class' : name.slice(0, 150).replace(/[\ud800-\udbff]$/, '');
}
