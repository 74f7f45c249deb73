import assert from 'node:assert/strict';
import { ConfigError, parseConfig } from '../../config/load.ts';

/** The message of a configuration that must be refused. */
export function refusal(yaml: string, env: Record<string, string> = {}): string {
  try {
    parseConfig(yaml, env, 'lectern.yaml');
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.code, 'bad-config');
    return error.message;
  }
  assert.fail(`taken: ${yaml}`);
}
