import { type S3Server, startS3Server, TEST_KEYS } from './s3-server.ts';

/**
 * Starts a real MinIO server on a free port.
 *
 * @param folder where it keeps its objects; one of its own when left out
 * @throws {Error} when it is missing: the test fails and says so
 */
export function startMinio(folder?: string): Promise<S3Server> {
  return startS3Server(
    {
      name: 'minio',
      variable: 'MINIO_SERVER_PATH',
      arguments: (address, data) => ['server', '--quiet', '--address', address, data],
      environment: {
        MINIO_ROOT_USER: TEST_KEYS.accessKey,
        MINIO_ROOT_PASSWORD: TEST_KEYS.secretKey,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      },
    },
    folder,
  );
}
