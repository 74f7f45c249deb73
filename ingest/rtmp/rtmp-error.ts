import { AppError } from '../../shared/errors.ts';

/** Bytes of an RTMP peer violate the protocol or a limit; the connection is closed. */
export class RtmpError extends AppError {
  /** @param message names the field and its value */
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'bad-rtmp', status: 400, cause });
  }
}
