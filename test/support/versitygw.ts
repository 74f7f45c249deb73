import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { programPath, type S3Program, type S3Server, startS3Server, TEST_KEYS } from './s3-server.ts';
import { start } from './process.ts';

const PROGRAM: S3Program = {
  name: 'versitygw',
  variable: 'VERSITYGW_PATH',
  arguments: (address, data, temporary) => {
    const [users, notes] = [join(temporary, 'users'), join(temporary, 'notes')];
    for (const folder of [users, notes]) mkdirSync(folder, { recursive: true });
    // Its own notes on objects go into a folder: not every file system has room for them in its attributes.
    return ['--port', address, '--iam-dir', users, '--quiet', 'posix', '--sidecar', notes, data];
  },
  environment: { ROOT_ACCESS_KEY: TEST_KEYS.accessKey, ROOT_SECRET_KEY: TEST_KEYS.secretKey },
};

/**
 * Starts versitygw on a free port: a second S3 server, which shares no code with MinIO. Objects are files in its folder.
 *
 * @throws {Error} when it is missing: the test fails and says so
 */
export function startVersitygw(): Promise<S3Server> {
  return startS3Server(PROGRAM);
}

/**
 * Adds a user who may make no bucket, and has rights on none.
 *
 * @param user the new user's keys
 */
export async function addUser(
  server: S3Server,
  user: { accessKey: string; secretKey: string },
): Promise<void> {
  const admin = start(programPath(PROGRAM), [
    ...[
      'admin',
      '--access',
      server.accessKey,
      '--secret',
      server.secretKey,
      '--endpoint-url',
      server.endpoint,
    ],
    ...['create-user', '--access', user.accessKey, '--secret', user.secretKey, '--role', 'user'],
  ]);
  const status = await admin.exited();
  if (status !== 0)
    throw new Error(`versitygw admin ended with ${status}:\n${admin.stdout()}${admin.stderr()}`);
}
