import { bad, type Checked, checkText, good, isFiniteNumber, isRecord } from './checked.ts';
import { LIMITS } from './limits.ts';

/** Kinds of calls: presence, one of several choices, a number, a short text, a raised hand. */
export const CALL_KINDS = ['presence', 'choice', 'number', 'text', 'hand'] as const;
/** One of {@link CALL_KINDS}. */
export type CallKind = (typeof CALL_KINDS)[number];

/** What a teacher asks. */
export type Question = {
  readonly kind: CallKind;
  /** The question in words; 1 to 200 characters. */
  readonly prompt: string;
  /** 2 to 6 for kind `choice`; none for the others. */
  readonly choices: readonly string[];
  /** How long a student may answer in time, from when her playhead reaches the call; milliseconds. */
  readonly windowMs: number;
  /** How long after that answers are accepted, milliseconds. */
  readonly graceMs: number;
  /** A student may answer again within her window, and her newest answer counts. Left out where the first one does. */
  readonly changeable?: true;
};

/** A call: a question bound to a program date time. */
export type Call = Question & {
  /** 1 to 32 of a-z and 0-9; unique among all calls of all channels. */
  readonly callId: string;
  readonly channel: string;
  /** Program date time at which it is heard, UTC milliseconds. */
  readonly atProgramTimeMs: number;
  /** `sub` of the teacher who opened it. */
  readonly openedBy: string;
};

/** Program date time at which a student's own window ends, UTC milliseconds. */
export function windowEndMs(call: Pick<Call, 'atProgramTimeMs' | 'windowMs'>): number {
  return call.atProgramTimeMs + call.windowMs;
}

/** The server's time after which no answer is accepted, UTC milliseconds. */
export function overMs(call: Pick<Call, 'atProgramTimeMs' | 'windowMs' | 'graceMs'>): number {
  return windowEndMs(call) + call.graceMs;
}

/**
 * The state of a call.
 *
 * @param nowMs the server's time, UTC milliseconds
 * @returns `open` during its window, `grace` while answers are still accepted, `over` after that
 */
export function callPhase(
  call: Pick<Call, 'atProgramTimeMs' | 'windowMs' | 'graceMs'>,
  nowMs: number,
): 'open' | 'grace' | 'over' {
  // A call with an empty window was closed, even if the server's clock has been set back since.
  if (call.windowMs > 0 && nowMs < windowEndMs(call)) return 'open';
  return nowMs <= overMs(call) ? 'grace' : 'over';
}

const CALL_ID = /^[a-z0-9]{1,32}$/;

/** Whether a value is the id of a call. */
export function isCallId(text: unknown): text is string {
  return typeof text === 'string' && CALL_ID.test(text);
}

/**
 * Checks a question; members that are left out get their defaults.
 *
 * @param value members of {@link Question}; others are rejected
 */
export function checkQuestion(value: unknown): Checked<Question> {
  if (!isRecord(value)) return bad('call: want an object');
  for (const name of Object.keys(value)) {
    if (!QUESTION_MEMBERS.has(name)) return bad(`call: no member ${JSON.stringify(name.slice(0, 40))}`);
  }
  const kind = CALL_KINDS.find((known) => known === value['kind']);
  if (kind === undefined) return bad(`kind: want one of ${CALL_KINDS.join(', ')}`);
  const prompt = checkText('prompt', value['prompt'], LIMITS.promptLength);
  if (!prompt.ok) return prompt;
  const choices = checkChoices(kind, value['choices']);
  if (!choices.ok) return choices;
  const { windowDefaultMs, graceDefaultMs, graceMinMs, graceMaxMs } = LIMITS;
  const windowMs = checkWindow(value['windowMs'] ?? windowDefaultMs);
  if (!windowMs.ok) return windowMs;
  const graceMs = checkDuration('graceMs', value['graceMs'] ?? graceDefaultMs, graceMinMs, graceMaxMs);
  if (!graceMs.ok) return graceMs;
  const changeable = checkChangeable(kind, value['changeable']);
  if (!changeable.ok) return changeable;
  return good({
    ...{ kind, prompt: prompt.value, choices: choices.value },
    ...{ windowMs: windowMs.value, graceMs: graceMs.value },
    ...(changeable.value ? { changeable: true } : {}),
  });
}

/** Checks the length of a window, milliseconds. */
export function checkWindow(value: unknown): Checked<number> {
  return checkDuration('windowMs', value, LIMITS.windowMinMs, LIMITS.windowMaxMs);
}

const QUESTION_MEMBERS = new Set(['kind', 'prompt', 'choices', 'windowMs', 'graceMs', 'changeable']);

function checkChangeable(kind: CallKind, value: unknown): Checked<boolean> {
  if (value === undefined || value === false) return good(false);
  if (value !== true) return bad('changeable: want true or false');
  return hasValue(kind) ? good(true) : bad(`changeable: an answer to a call of kind ${kind} has no value`);
}

/** Whether answers to calls of a kind have a value. */
export function hasValue(kind: CallKind): boolean {
  return kind !== 'presence' && kind !== 'hand';
}

function checkDuration(place: string, value: unknown, leastMs: number, mostMs: number): Checked<number> {
  if (!Number.isInteger(value) || !isFiniteNumber(value) || value < leastMs || value > mostMs) {
    return bad(`${place}: want a whole number of milliseconds, ${leastMs} to ${mostMs}`);
  }
  return good(value);
}

function checkChoices(kind: CallKind, value: unknown): Checked<readonly string[]> {
  if (kind !== 'choice') {
    const none = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    return none ? good([]) : bad(`choices: a call of kind ${kind} has none`);
  }
  const { choicesMin, choicesMax, choiceLength } = LIMITS;
  if (!Array.isArray(value) || value.length < choicesMin || value.length > choicesMax) {
    return bad(`choices: want ${choicesMin} to ${choicesMax}`);
  }
  const choices: string[] = [];
  for (const [i, item] of value.entries()) {
    const choice = checkText(`choices[${i}]`, item, choiceLength);
    if (!choice.ok) return choice;
    if (choices.includes(choice.value)) return bad(`choices[${i}]: is there twice`);
    choices.push(choice.value);
  }
  return good(choices);
}
