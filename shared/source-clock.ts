/**
 * The rule for jumps of a source's clock in transcoders. Ingest takes jumps out of what publishers send; what is left are jumps
 * of a source that a transcoder reads again, and silence of a publisher.
 */

/** Further ahead than this between two tags is a jump, milliseconds. */
export const FORWARD_JUMP_MS = 10_000;

/** A timestamp this close to the wall clock is accepted, even after a jump; milliseconds. */
export const PLAUSIBLE_MS = 5000;
