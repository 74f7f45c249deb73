/**
 * The rule for jumps of a publisher's clock. Transcoders remove jumps, and ingest paces and stamps media by the same rule:
 * both must agree.
 */

/** Further ahead than this between two tags is a jump, milliseconds: ingest closes a publisher that pauses for so long. */
export const FORWARD_JUMP_MS = 10_000;

/** A timestamp this near to the wall clock is right, whatever came before it; milliseconds. */
export const PLAUSIBLE_MS = 5000;
