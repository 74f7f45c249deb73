import { AppError } from '../../shared/errors.ts';

/** Bytes from an RTMP peer that break the protocol or one of our bounds; the connection is closed. */
export class RtmpError extends AppError {
  /** @param message names the field and its value */
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'bad-rtmp', status: 400, cause });
  }
}
