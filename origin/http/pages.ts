import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Router } from 'express';
import type { LecternConfig } from '../../config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import { isChannelId } from '../../shared/names.ts';

/**
 * Scripts, styles and pictures from this server only; media may come from a CDN, and is played from memory (blob:).
 *
 * @param ancestors sites that may show the page in a frame, beside this one
 */
function contentSecurityPolicy(ancestors: readonly string[]): string {
  return [
    "default-src 'self'",
    "img-src 'self' data: blob:",
    // data: for the empty text track that hls.js begins captions with.
    'media-src * blob: data:',
    'connect-src *',
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    ['frame-ancestors', "'self'", ...ancestors].join(' '),
    "base-uri 'none'",
  ].join('; ');
}

/** Settings of the pages: see `http` in config/schema.ts. */
export type PageSettings = Pick<LecternConfig['http'], 'frameAncestors' | 'basePath'>;

const BROADCAST_ID = /^[a-z0-9-]{1,64}$/;

/**
 * Serves the built pages.
 *
 * @param folder of the build; without one, pages are answered with 503
 */
export function createPages(folder: string, { frameAncestors, basePath }: PageSettings): Router {
  const router = express.Router();
  // Nobody may lay a page of his own over the buttons of a teacher.
  const policies = { framed: contentSecurityPolicy(frameAncestors), alone: contentSecurityPolicy([]) };
  const sendPage = (file: string, policy = policies.framed): express.RequestHandler => {
    return (_req, res) => {
      const path = join(folder, file);
      if (!existsSync(path)) {
        throw new AppError('the pages are not built: run ./lectern up, or npm run build', {
          code: 'no-pages',
          status: 503,
        });
      }
      res.set({
        'Content-Security-Policy': policy,
        'Cache-Control': 'public, max-age=30',
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
      });
      if (basePath === '') res.sendFile(path, { cacheControl: false });
      else res.type('html').send(withBase(readFileSync(path, 'utf8'), basePath));
    };
  };
  // Names in /assets carry a hash of their content.
  router.use(
    '/assets',
    express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false, redirect: false }),
  );
  router.get('/', sendPage('index.html'));
  router.get('/watch/:channel', (req, res, next) => {
    if (isChannelId(req.params.channel)) sendPage('watch.html')(req, res, next);
    else next();
  });
  router.get('/watch/:channel/:broadcast', (req, res, next) => {
    const { channel, broadcast } = req.params;
    if (isChannelId(channel) && BROADCAST_ID.test(broadcast)) sendPage('replay.html')(req, res, next);
    else next();
  });
  router.get('/teach/:channel', (req, res, next) => {
    if (isChannelId(req.params.channel)) sendPage('teach.html', policies.alone)(req, res, next);
    else next();
  });
  router.get('/library', sendPage('library.html'));
  router.use(express.static(folder, { maxAge: '1h', index: false, redirect: false, extensions: [] }));
  return router;
}

/**
 * Puts the base path in front of the addresses in a page, and tells its scripts of it.
 *
 * @param html as it was built: every address in it begins with `/`
 * @param basePath `/lectern`
 */
function withBase(html: string, basePath: string): string {
  return html
    .replaceAll(/ (src|href)="\/(?!\/)/g, ` $1="${basePath}/`)
    .replace('<head>', `<head>\n    <meta name="lectern-base" content="${basePath}" />`);
}
