/**
 * The rule for jumps of a publisher's clock. Transcoders remove jumps, and ingest paces and stamps media by the same rule:
 * both must agree.
 */

/** Further ahead than this between two tags is a jump, milliseconds: ingest disconnects a publisher that pauses for longer. */
export const FORWARD_JUMP_MS = 10_000;

/** A timestamp this close to the wall clock is accepted, even after a jump; milliseconds. */
export const PLAUSIBLE_MS = 5000;
