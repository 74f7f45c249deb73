import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Router } from 'express';
import { AppError } from '../../shared/errors.ts';
import { isChannelId } from '../../shared/names.ts';

/** Scripts, styles and pictures from this server only; media may come from a CDN, and is played from memory (blob:). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  'media-src * blob:',
  'connect-src *',
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "frame-ancestors 'self'",
  "base-uri 'none'",
].join('; ');

const BROADCAST_ID = /^[a-z0-9-]{1,64}$/;

/**
 * Serves the built pages.
 *
 * @param folder of the build; without one, pages are answered with 503
 */
export function createPages(folder: string): Router {
  const router = express.Router();
  const sendPage = (file: string): express.RequestHandler => {
    return (_req, res) => {
      const path = join(folder, file);
      if (!existsSync(path)) {
        throw new AppError('the pages are not built: run ./lectern up, or npm run build', {
          code: 'no-pages',
          status: 503,
        });
      }
      res.set({
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
        'Cache-Control': 'public, max-age=30',
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
      });
      res.sendFile(path, { cacheControl: false });
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
    if (isChannelId(req.params.channel)) sendPage('teach.html')(req, res, next);
    else next();
  });
  router.get('/library', sendPage('library.html'));
  router.use(express.static(folder, { maxAge: '1h', index: false, redirect: false, extensions: [] }));
  return router;
}
