import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERROR_PAGE_POLICY } from '../../../shared/error-page.ts';
import { AppError } from '../../../shared/errors.ts';
import { sendError } from '../../../shared/http-errors.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { bearerToken, verifyToken } from '../../../shared/token.ts';
import { ADDRESS_ROLES, mayEdit } from '../../../shared/viewer-token.ts';
import { splitAccessPrefix } from '../playback/playback-access.ts';
import { requestHeader } from '../reply/request-header.ts';
import { ViewerAdmission, type AdmissionLimits, type Entry, retryAfterS } from './viewer-admission.ts';
import { requestKind } from './entry-point.ts';
import { fullPage } from './full-page.ts';
import { LoopLateness } from './loop-lateness.ts';
import { ViewerConnections } from './viewer-connections.ts';

/** What the admission of viewers needs. */
export type AdmissionHandlerDeps = {
  readonly limits: AdmissionLimits;
  /** Of the tokens by which staff are known. */
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A steady clock, milliseconds. */
  readonly steadyMs: () => number;
  /** Processor time of this process so far, milliseconds. */
  readonly cpuMs: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
};

/** Varnish before 7.2 sends no Via to its backend, but its own header. */
const CACHE_HEADERS = ['via', 'cdn-loop', 'x-varnish'];
const PROXY_HEADERS = ['x-forwarded-for', 'forwarded'];

/**
 * Answers new viewers with 503 and Retry-After while the origin is full. Those who are in are never refused: media playlists,
 * media, and what is asked for on a connection that has carried them.
 */
export class AdmissionHandler {
  readonly #deps: AdmissionHandlerDeps;
  readonly #admission: ViewerAdmission;
  readonly #lateness = new LoopLateness();
  readonly #viewers = new ViewerConnections();
  #refused = 0;

  constructor(deps: AdmissionHandlerDeps) {
    this.#deps = deps;
    this.#admission = new ViewerAdmission(deps.limits);
  }

  /** Whether no new viewer is admitted. */
  get isFull(): boolean {
    return this.#admission.full !== null;
  }

  /** Requests that were refused so far. */
  get refusedCount(): number {
    return this.#refused;
  }

  /** See {@link LoopLateness}. */
  get lateMs(): number {
    return this.#lateness.lateMs;
  }

  /** Open connections of viewers. */
  get connectionCount(): number {
    return this.#viewers.count;
  }

  /** Measures the load. To be called by a timer every `TICK_EVERY_MS`. */
  tick(): void {
    const nowMs = this.#deps.steadyMs();
    this.#lateness.tick(nowMs, this.#deps.cpuMs());
    const { lateMs, cores } = this.#lateness;
    const load = { lateMs, cores, connections: this.#viewers.count };
    const change = this.#admission.measure(load, nowMs);
    if (change === null) return;
    const fields = { lateMs: Math.round(load.lateMs), connections: load.connections };
    const { logger } = this.#deps;
    if (change === 'room') logger.info(fields, 'the origin has room again: new viewers are admitted');
    else {
      logger.warn(
        { ...fields, reason: this.#admission.full },
        `the origin is full: its answers are ${fields.lateMs} ms late with ${load.connections} connections; new viewers are told to come later`,
      );
    }
  }

  /**
   * Refuses a request, if it is a new viewer's and there is no room.
   *
   * @returns true when it has answered; false when the request is to be answered by others
   */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const kind = requestKind(req.url ?? '');
    if (kind === 'other' || (req.method !== 'GET' && req.method !== 'HEAD')) return false;
    if (kind === 'playing') {
      this.#viewers.add(req.socket);
      return false;
    }
    if (kind === 'page' || kind === 'list') {
      if (this.#mayLook(req, kind)) return false;
      this.#refuse(req, res, 'full', kind === 'page');
      return true;
    }
    const entry = this.#enter(req, kind);
    if (entry === 'admitted' || this.#isOfStaff(req)) {
      this.#viewers.add(req.socket);
      return false;
    }
    this.#refuse(req, res, entry, false);
    return true;
  }

  #mayLook(req: IncomingMessage, kind: 'page' | 'list'): boolean {
    const way = wayOf(req);
    if (!this.isFull || way === 'cache' || this.#viewers.has(req.socket) || this.#isOfStaff(req)) return true;
    if (kind === 'list' || this.#admission.enter(this.#deps.steadyMs()) !== 'admitted') return false;
    // Who has got the page gets the class, on this connection.
    if (way === 'direct') this.#viewers.add(req.socket);
    return true;
  }

  #enter(req: IncomingMessage, kind: 'watch' | 'manifest'): Entry {
    const way = wayOf(req);
    if (way === 'direct') {
      return this.#viewers.has(req.socket) ? 'admitted' : this.#admission.enter(this.#deps.steadyMs());
    }
    // A manifest is reloaded by players that are in, and a proxy's connection does not tell them from new ones.
    if (way === 'cache' || kind === 'manifest' || !this.isFull) return 'admitted';
    return this.#admission.enter(this.#deps.steadyMs());
  }

  /** Teachers' and operators' pages send their token with each request, and play by a viewer's that they got for it. */
  #isOfStaff(req: IncomingMessage): boolean {
    const authorization = requestHeader(req, 'authorization');
    const { token } = splitAccessPrefix(req.url ?? '');
    return (
      (authorization !== undefined && this.#isStaffToken(() => bearerToken(authorization), false)) ||
      (token !== null && this.#isStaffToken(() => token, true))
    );
  }

  #isStaffToken(read: () => string, isInAddress: boolean): boolean {
    const { secret, clock } = this.#deps;
    try {
      const claims = verifyToken(secret, read(), clock.nowMs());
      return mayEdit(claims) && (!isInAddress || ADDRESS_ROLES.includes(claims.role));
    } catch {
      // A bad token: those who answer the request say what is wrong with it.
      return false;
    }
  }

  #refuse(req: IncomingMessage, res: ServerResponse, entry: 'full' | 'paced', asPage: boolean): void {
    this.#refused += 1;
    const seconds = retryAfterS(entry, this.#deps.random());
    if (!asPage) {
      const message = `as many viewers arrive as this origin can take; try again in ${seconds} s`;
      sendError(res, new AppError(message, { code: 'origin-full', status: 503, retryAfterS: seconds }));
      return;
    }
    const body = Buffer.from(fullPage(seconds), 'utf8');
    res.writeHead(503, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': body.length,
      'Retry-After': seconds,
      'Cache-Control': 'no-store',
      'Content-Security-Policy': ERROR_PAGE_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    res.end(req.method === 'HEAD' ? undefined : body);
  }
}

/**
 * How a request came: straight from a viewer; through a cache, whose request stands for all of its viewers ("A proxy MUST send
 * an appropriate Via header field", RFC 9110 §7.6.3; CDN-Loop, RFC 8586); or through another proxy, whose connections carry
 * the requests of many viewers.
 */
function wayOf(req: IncomingMessage): 'direct' | 'cache' | 'proxy' {
  const has = (name: string): boolean => requestHeader(req, name) !== undefined;
  if (CACHE_HEADERS.some(has)) return 'cache';
  return PROXY_HEADERS.some(has) ? 'proxy' : 'direct';
}
