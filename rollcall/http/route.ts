import type { Request, RequestHandler, Response } from 'express';

/**
 * Makes a handler of work that takes a while; what it throws goes to the next error handler.
 *
 * @param work ends the answer
 */
export function route<P>(work: (req: Request<P>, res: Response) => Promise<void>): RequestHandler<P> {
  return (req, res, fail) => {
    work(req, res).catch(fail);
  };
}
