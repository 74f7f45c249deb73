import { plainText } from '../../shared/plain-text.ts';
import type { TokenClaims } from '../../shared/token.ts';

/** Roles that may take part in a roll call. */
export const ROLL_CALL_ROLES = ['student', 'teacher', 'operator'] as const;
/** One of {@link ROLL_CALL_ROLES}. */
export type RollCallRole = (typeof ROLL_CALL_ROLES)[number];

/** The person behind a connection or a request, as her token states. */
export type Identity = {
  readonly sub: string;
  /** At most 100 UTF-16 code units. */
  readonly name: string;
  readonly role: RollCallRole;
  /** When the token expires, UTC milliseconds. A connection is closed then. */
  readonly expMs: number;
};

/** Names come from the school's tokens; longer ones are cut, because teachers' pages show them. UTF-16 code units. */
const NAME_MAX_LENGTH = 100;

/**
 * Reads the identity from a verified token.
 *
 * @returns null for a role that has no part in roll calls
 */
export function identityOf({ sub, name, role, exp }: TokenClaims): Identity | null {
  const known = ROLL_CALL_ROLES.find((candidate) => candidate === role);
  return known === undefined
    ? null
    : {
        sub,
        name: plainText(name.slice(0, NAME_MAX_LENGTH)) || sub,
        role: known,
        expMs: exp * 1000,
      };
}

/** Whether a role may open, close and extend calls, and sees who answered. */
export function hasTeacherRights(role: RollCallRole): boolean {
  return role === 'teacher' || role === 'operator';
}
