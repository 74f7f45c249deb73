import type { RequestHandler, Router } from 'express';
import type { z } from 'zod';
import type { TokenRole } from '../token.ts';

/** Who may call a route: anyone; viewers (with a token where playback requires one); the holders of tokens of these roles. */
export type ApiAccess = 'anyone' | 'viewers' | readonly TokenRole[];

/** A body, sent or received. */
export type ApiContent = {
  readonly description: string;
  /** Media types; `application/json` when left out. */
  readonly types?: readonly string[];
  /** What the body is, in JSON; null for bytes or text. Left out: there is no body. */
  readonly schema?: z.ZodType | null;
};

/**
 * One operation of the HTTP interface, as data. The router that serves it mounts it with {@link mountRoute}, checks requests
 * with its schemas, and the OpenAPI document describes it from the same object.
 */
export type ApiRoute = {
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  /** Parameters in braces, as OpenAPI writes them: `/api/channels/{channel}`. */
  readonly path: `/${string}`;
  /** Unique in the document. */
  readonly operationId: string;
  /** One line. */
  readonly summary: string;
  readonly access: ApiAccess;
  /** What the parameters of the path are, by their names. */
  readonly params?: Readonly<Record<string, z.ZodType>>;
  readonly query?: z.ZodObject<Readonly<Record<string, z.ZodType>>>;
  readonly body?: ApiContent & {
    /** Media types of texts that are accepted in place of JSON. */
    readonly textTypes?: readonly string[];
  };
  /** Successful responses, by status. */
  readonly responses: Readonly<Record<number, ApiContent>>;
  /** Error codes by status (docs/errors.md). Those of a token follow from {@link access} and are left out. */
  readonly refusals?: Readonly<Record<number, readonly string[]>>;
};

/** The parameters of a path: `{channel}` and `{id}` become `{channel: string; id: string}`. */
export type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [Key in Name]: string } & PathParams<Rest>
  : unknown;

/** Declares a route; the type keeps its path and its schemas. */
export function apiRoute<const Route extends ApiRoute>(route: Route): Route {
  return route;
}

/**
 * Serves a route.
 *
 * @param handlers as in express; `req.params` has the parameters of the path
 */
export function mountRoute<const Path extends `/${string}`>(
  router: Router,
  route: ApiRoute & { readonly path: Path },
  ...handlers: RequestHandler<PathParams<Path>>[]
): void {
  router[route.method]<PathParams<Path>>(route.path.replaceAll(/\{(\w+)\}/g, ':$1'), ...handlers);
}
