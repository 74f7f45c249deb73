import { AppError } from '../../shared/errors.ts';

/** What a site's edge is told: the settings of deploy/edge/site.vcl. */
export type EdgeSite = {
  readonly access: 'open' | 'token';
  /** The secret that tokens are signed with. */
  readonly secret: string;
  /** One or two addresses of origins, `http://127.0.0.1:8080`. */
  readonly origins: readonly string[];
  /** `http.basePath` of the origins: `/lectern`; '' or left out for none. */
  readonly basePath?: string;
};

/**
 * Fills in the template of a site's settings as its comments tell an operator to.
 *
 * @param template the text of deploy/edge/site.vcl
 * @throws {AppError} `edge-failed` for a number of origins, an address or a secret that it cannot hold
 */
export function siteVcl(template: string, { access, secret, origins, basePath = '' }: EdgeSite): string {
  if (origins.length < 1 || origins.length > 2) throw failed(`${origins.length} origins: want one or two`);
  // A long string of VCL ends there.
  if (secret.includes('"}') || /[^ -~]/.test(secret)) {
    throw failed('the secret has "} or a character beyond ASCII in it: choose another one');
  }
  const [first = '', second] = origins;
  const text = replaceOnce(
    replaceOnce(template, 'x-lectern-access = "open"', `x-lectern-access = "${access}"`),
    '{"the secret of lectern"}',
    `{"${secret}"}`,
  );
  const based =
    basePath === ''
      ? text
      : replaceOnce(
          text,
          '# set req.url = regsub(req.url, "^/lectern(',
          `set req.url = regsub(req.url, "^${basePath}(`,
        );
  const filled = setAddress(based, 'origin_1', first);
  return second === undefined ? withoutSecond(filled) : setAddress(filled, 'origin_2', second);
}

/** Sets host and port of a backend and of its twin without a probe. */
function setAddress(text: string, name: string, address: string): string {
  const { hostname, port, protocol } = new URL(address);
  if (protocol !== 'http:') throw failed(`origin ${address}: want http://`);
  const host = hostname.replace(/^\[|\]$/g, '');
  return [name, `${name}_unprobed`].reduce(
    (before, backend) =>
      replaceOnce(
        before,
        new RegExp(`(backend ${backend} \\{\\n +\\.host = ")[^"]*(";\\n +\\.port = ")[^"]*`),
        `$1${host}$2${port === '' ? '80' : port}`,
      ),
    text,
  );
}

/** Leaves out what is about the second origin: its backends, and its lines in the groups. */
function withoutSecond(text: string): string {
  return text
    .replaceAll(/^backend origin_2\w* \{\n(?:.*\n)*?\}\n\n/gm, '')
    .replaceAll(/^.*add_backend\(origin_2.*\n/gm, '');
}

/** The replacement of a text is taken as it stands, that of a pattern has its groups filled in. */
function replaceOnce(text: string, from: string | RegExp, to: string): string {
  const replaced = typeof from === 'string' ? text.replace(from, () => to) : text.replace(from, to);
  if (replaced === text && !text.includes(to))
    throw failed(`the template of site.vcl has no ${String(from)}`);
  return replaced;
}

function failed(why: string): AppError {
  return new AppError(`edge: ${why}`, { code: 'edge-failed' });
}
